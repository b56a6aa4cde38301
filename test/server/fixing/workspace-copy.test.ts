import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WorkspaceCopy } from '../../../server/fixing/workspace-copy';
import { removeFolders, temporaryFolder } from '../model/folders';

function project(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const read = (...parts: string[]) => readFileSync(join(...parts), 'utf8');

describe('a copy of a project', () => {
  const copies: WorkspaceCopy[] = [];
  async function copied(root: string): Promise<WorkspaceCopy> {
    const copy = await WorkspaceCopy.of(root);
    copies.push(copy);
    return copy;
  }
  afterEach(async () => {
    for (const copy of copies.splice(0)) await copy.remove();
  });
  after(removeFolders);

  it('has the files, not the history and not what tools make again', async () => {
    const root = project({
      'src/a.js': 'a',
      '.env': 'X=1',
      '.git/HEAD': 'ref',
      'target/CACHEDIR.TAG': 'Signature',
      'target/big.o': 'o',
    });
    const { root: there } = await copied(root);
    assert.equal(read(there, 'src/a.js'), 'a');
    assert.equal(read(there, '.env'), 'X=1');
    for (const name of ['.git', 'target']) assert.ok(!existsSync(join(there, name)), name);
  });

  it('points to installed packages, and to its own copy of the parts of the project among them', async () => {
    const root = project({
      'packages/own/index.js': 'before',
      'node_modules/foreign/index.js': 'foreign',
      'node_modules/@scope/other/index.js': 'other',
    });
    symlinkSync('../packages/own', join(root, 'node_modules/own'));
    symlinkSync(join(root, 'packages/own'), join(root, 'node_modules/@scope/own'));
    const copy = await copied(root);
    await copy.write(join(root, 'packages/own/index.js'), 'after');
    assert.equal(read(copy.root, 'node_modules/own/index.js'), 'after');
    assert.equal(read(copy.root, 'node_modules/@scope/own/index.js'), 'after');
    assert.equal(read(copy.root, 'node_modules/foreign/index.js'), 'foreign');
    assert.equal(read(copy.root, 'node_modules/@scope/other/index.js'), 'other');
    assert.equal(read(root, 'packages/own/index.js'), 'before');
  });

  it('undoes what a run has changed, and tells of tests by their hash', async () => {
    const root = project({ 'src/a.js': 'a', 'data.json': '1', 'test/a.test.js': 'assert(1)' });
    const copy = await copied(root);
    const test = join(copy.root, 'test/a.test.js');
    writeFileSync(join(copy.root, 'data.json'), '2222');
    rmSync(join(copy.root, 'src'), { recursive: true });
    writeFileSync(test, 'assert(0)');
    utimesSync(test, 0, 0);
    assert.deepEqual(await copy.repair(join(root, 'other.js')), [join('test', 'a.test.js')]);
    assert.equal(read(copy.root, 'data.json'), '1');
    assert.equal(read(copy.root, 'src/a.js'), 'a');
    assert.equal(read(test), 'assert(1)');
    assert.deepEqual(await copy.repair(join(root, 'other.js')), []);
  });

  it('sees that a test of the project itself was changed meanwhile', async () => {
    const root = project({ 'test/a.test.js': 'assert(1)' });
    const copy = await copied(root);
    assert.deepEqual(await copy.changedOriginals(), []);
    writeFileSync(join(root, 'test/a.test.js'), 'assert(true)');
    assert.deepEqual(await copy.changedOriginals(), [join('test', 'a.test.js')]);
  });

  it('leaves nothing behind, not even where its owner was killed', async () => {
    const root = project({ 'a.js': 'a' });
    const copy = await WorkspaceCopy.of(root);
    // No process has so high a number.
    writeFileSync(join(copy.folder, 'owner'), String(2 ** 30));
    const next = await copied(root);
    assert.ok(!existsSync(copy.folder));
    await next.remove();
    assert.ok(!existsSync(next.folder));
  });
});
