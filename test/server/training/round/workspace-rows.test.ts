import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { workspaceRows } from '../../../../server/training/round/workspace-rows';
import { Exclusions } from '../../../../server/workspace/exclusions';

describe('replay rows of the workspace', () => {
  let root: string;
  const code = (name: string) => `export const ${name} = compute('${name}');\n`.repeat(12);
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  before(() => {
    root = mkdtempSync(path.join(tmpdir(), 'hindsight-rows-'));
    mkdirSync(path.join(root, '.git'));
    write('.gitignore', 'generated/\n*.gen.ts\n');
    write('src/a.ts', code('a'));
    write('src/deep/b.py', code('b'));
    write('src/short.ts', 'a();\n');
    write('src/c.gen.ts', code('c'));
    write('generated/d.ts', code('d'));
    write('node_modules/e/e.js', code('e'));
    write('private/f.ts', code('f'));
    write('src/notes.txt', code('g'));
    write('src/.env', code('h'));
    const key = ['AKIA', 'QWERTZUIOPASDFGH'].join('');
    write('src/key.ts', `${code('i')}const awsKey = '${key}';\nconst aws_access_key_id = "${key}";\n`);
    symlinkSync(path.join(root, 'src/a.ts'), path.join(root, 'src/link.ts'));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  it('are of files that may be read', async () => {
    const exclusions = new Exclusions([root], ['private/']);
    const rows = await workspaceRows([root], (uri) => exclusions.reason(uri) !== null);
    assert.deepEqual(rows.map((row) => row.path).sort(), ['src/a.ts', 'src/deep/b.py']);
    assert.equal(rows.find((row) => row.path === 'src/a.ts')!.text, code('a'));
  });

  it('are none where nothing may be read, or there is nothing', async () => {
    assert.deepEqual(await workspaceRows([root], () => true), []);
    assert.deepEqual(await workspaceRows([path.join(root, 'nowhere')], () => false), []);
  });

  it('stay few and short in a large workspace', async () => {
    for (let i = 0; i < 120; i++) write(`many/m${i}.ts`, code(`m${i}`).repeat(20));
    const rows = await workspaceRows([root], () => false, 7);
    assert.equal(rows.length, 40);
    assert.ok(rows.every((row) => row.text.length <= 4000));
    const again = await workspaceRows([root], () => false, 8);
    assert.notDeepEqual(rows, again, 'another round reads other files');
  });
});
