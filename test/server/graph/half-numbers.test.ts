import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../root';

/** Prints log-probs of a response behind a prompt that was kept in half precision, in a process that has Float16Array. */
const script = `
globalThis.Float16Array ??= class Float16Array { static from() {} };
const { openModel } = require('./server/model/open');
(async () => {
  const model = await openModel('test/fixtures/golden/qwen2', { device: 'cpu' });
  const engine = await model.responses({ share: 0.5 });
  const kept = await engine.scorer.score([5, 6, 7, 8], [9, 10], null, 0);
  const whole = await (await model.scorer()).score([5, 6, 7, 8], [9, 10], null, 0);
  console.log(JSON.stringify([[...kept.logProbs], [...whole.logProbs], typeof Float16Array]));
  await model.close();
})();`;

describe('numbers of half precision', function () {
  this.timeout(30_000);

  it('go to the runtime where JavaScript has an array of its own for them', () => {
    const args = ['--require', join(ROOT, 'node_modules/tsx/dist/cjs/index.cjs'), '-e', script];
    const out = execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
    const [kept, whole, type] = JSON.parse(out.trim().split('\n').at(-1)!) as [number[], number[], string];
    assert.equal(type, 'function');
    for (const [i, value] of kept.entries())
      assert.ok(Math.abs(value - whole[i]!) < 0.01, `${value} ${whole[i]}`);
  });
});
