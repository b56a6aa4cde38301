import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CapturePolicy } from '../../../../server/capture/policy';
import { RunFiles } from '../../../../server/capture/sources/run-files';
import { defaultSettings } from '../../../../server/protocol/settings';
import type { TestFailure } from '../../../../server/test-output/report';
import { scratch } from '../../store/records';

describe('files that a run points at', () => {
  const place = scratch(true);
  const workspace = join(place.folder, 'ws');
  const outside = join(place.folder, 'etc');
  before(() => {
    for (const folder of [join(workspace, 'src'), join(workspace, 'gen'), outside])
      mkdirSync(folder, { recursive: true });
    for (const file of [
      join(workspace, 'src', 'cart.ts'),
      join(workspace, 'gen', 'made.ts'),
      join(workspace, '.env'),
      join(outside, 'x.ts'),
    ])
      writeFileSync(file, "it('works', () => {\n  check();\n});\n");
    writeFileSync(join(workspace, '.gitignore'), 'gen/\n');
    symlinkSync(join(outside, 'x.ts'), join(workspace, 'src', 'link.ts'));
  });
  after(() => place.remove());

  const failureIn = (file: string): TestFailure => ({
    name: 'works',
    message: '',
    frames: [{ file, line: 2, column: null }],
    text: '',
  });

  async function load(file: string, cwd = workspace) {
    const policy = new CapturePolicy({ ...defaultSettings }, true, [workspace], Date.now);
    const failure = failureIn(file);
    const files = await RunFiles.load([failure], cwd, policy);
    return { paths: files.pathsOf(failure), source: files.source(failure.frames[0]!, failure) };
  }

  it('are found by relative and absolute paths, also through ..', async () => {
    const path = join(workspace, 'src', 'cart.ts');
    for (const printed of ['src/cart.ts', path, `${workspace}/gen/../src/cart.ts`, '../ws/src/cart.ts'])
      assert.deepEqual((await load(printed)).paths, [path], printed);
    assert.match((await load('src/cart.ts')).source ?? '', /^it\('works'/);
  });

  it('are none outside of the workspace, however the path is written', async () => {
    for (const printed of [
      join(outside, 'x.ts'),
      `${workspace}/../etc/x.ts`,
      '../etc/x.ts',
      'src/../../etc/x.ts',
      'src/link.ts',
    ])
      assert.deepEqual(await load(printed), { paths: [], source: null }, printed);
    assert.deepEqual(await load('x.ts', outside), { paths: [], source: null });
  });

  it('are not read where they are excluded', async () => {
    for (const printed of ['gen/made.ts', '.env']) assert.equal((await load(printed)).source, null, printed);
  });
});
