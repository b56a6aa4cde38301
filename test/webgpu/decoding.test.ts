import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { graphicsEnvironment, hasGraphicsDevice } from './software';

/** Caches of several documents and adapters that come and go, all in the device's memory. */
describe('decoding on WebGPU', function () {
  this.timeout(300_000);
  before(function () {
    if (!hasGraphicsDevice()) this.skip();
  });

  // Bytes of bfloat16 are looked up on the CPU; everything else runs on the device.
  const models = { qwen2: {}, 'qwen3-bf16': { Gather: 1, Cast: 1 } };
  for (const [name, fallenBack] of Object.entries(models)) {
    it(`gives the CPU's text and reuses as much (${name})`, () => {
      const run = spawnSync(process.execPath, ['--require', 'tsx/cjs', 'test/webgpu/decode.ts', name], {
        env: graphicsEnvironment(),
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      const result = JSON.parse(run.stdout);
      assert.deepEqual([result.device, result.notice], ['webgpu', null]);
      assert.equal(result.auto, 'cpu');
      // SwiftShader has no float16: said, and float32 used.
      assert.match(result.halves, /does not compute in float16; float32 is used/);
      assert.ok(result.sameText);
      assert.ok(result.error < 1e-4, `log-probs are off by ${result.error}`);
      assert.deepEqual(result.reused, result.reusedOnCpu);
      assert.ok(result.placement.onDevice > 30);
      assert.deepEqual(result.placement.fallenBack, fallenBack);
    });
  }
});
