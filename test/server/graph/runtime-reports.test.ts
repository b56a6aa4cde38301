import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../root';
import { bundle } from '../bundle';

const modelDir = join(ROOT, 'test/fixtures/golden/qwen2');

describe('reports of onnxruntime to its maker', function () {
  this.timeout(30_000);
  let child: string;
  let worker: string;
  let home: string;

  before(async () => {
    child = await bundle('test/server/graph/runtime-child.ts');
    worker = await bundle('server/completion/worker.ts');
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hindsight-reports-'));
    mkdirSync(join(home, 'work'));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  /** Runs the child as on a developer's machine: the runtime keeps silent by itself where a variable speaks of CI. What it wrote. */
  async function leavings(...args: string[]): Promise<string[]> {
    const { PATH, SystemRoot } = process.env;
    await promisify(execFile)(process.execPath, [child, modelDir, ...args], {
      cwd: join(home, 'work'),
      env: { PATH, SystemRoot, HOME: home, USERPROFILE: home, TMPDIR: home, TEMP: home },
    });
    return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'work');
  }

  // With reports on it leaves an identifier and a queue of events, by which they are known here: no packet need be caught.
  it('are off in the thread that serves', async () => assert.deepEqual(await leavings(), []));
  it('are off in the completion worker', async () => assert.deepEqual(await leavings(worker), []));
});
