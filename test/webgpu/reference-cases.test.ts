import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { readFloats, readHeader, readIntegers } from '../../server/model/files/safetensors';
import { removeFolders, temporaryFolder } from '../server/model/folders';
import { compare, expectedTensors, golden, goldenNames } from '../server/model/golden';
import { graphicsEnvironment, hasGraphicsDevice } from './software';

/** Decode, scoring, gradients and optimiser steps of every reference model on WebGPU. */
describe('reference cases on WebGPU', function () {
  this.timeout(300_000);
  before(function () {
    if (!hasGraphicsDevice()) this.skip();
  });
  after(removeFolders);

  for (const name of goldenNames) {
    it(name, () => {
      const dump = join(temporaryFolder(), 'dump.safetensors');
      const cases = join(golden(name), 'expected.safetensors');
      const args = [
        'check-model',
        golden(name),
        '--cases',
        cases,
        '--dump',
        dump,
        '--device',
        'webgpu',
        '--json',
      ];
      const run = spawnSync(process.execPath, ['--require', 'tsx/cjs', 'server/cli.ts', ...args], {
        env: graphicsEnvironment(),
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
      assert.equal(JSON.parse(run.stdout).device, 'webgpu', run.stderr);
      const want = expectedTensors(name);
      for (const [key, tensor] of readHeader(dump).tensors) {
        if (key === 'greedy_ids') assert.deepEqual(readIntegers(tensor), want.ids(key));
        else {
          const { error, largest } = compare(readFloats(tensor), want.floats(key));
          // A step of Adam enlarges what is left of gradients near zero.
          const limit = key.startsWith('adamw') ? 1e-3 : 1e-4;
          assert.ok(error <= limit * largest, `${key} is off by ${error} of ${largest}`);
        }
      }
    });
  }
});
