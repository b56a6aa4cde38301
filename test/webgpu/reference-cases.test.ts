import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats, readHeader, readIntegers } from '../../server/model/safetensors';
import { removeFolders, temporaryFolder } from '../server/model/folders';
import { compare, expectedTensors, golden, goldenNames } from '../server/model/golden';

/** Where Debian's chromium keeps SwiftShader, a Vulkan device in software: the GPU's path is tested without a GPU. */
const software = '/usr/lib/chromium';
const driver = join(software, 'vk_swiftshader_icd.json');

/** Decode, scoring, gradients and optimiser steps of every reference model on WebGPU. */
describe('reference cases on WebGPU', function () {
  this.timeout(300_000);
  before(function () {
    const there = existsSync(driver) || process.env.VK_ICD_FILENAMES !== undefined;
    if (!there && process.env.CI) throw new Error(`There is no ${driver}: chromium is not installed.`);
    if (!there) this.skip();
  });
  after(removeFolders);

  for (const name of goldenNames) {
    it(name, () => {
      const dump = join(temporaryFolder(), 'dump.safetensors');
      const cases = join(golden(name), 'expected.safetensors');
      const env: NodeJS.ProcessEnv = { ...process.env };
      if (existsSync(driver) && !env.VK_ICD_FILENAMES) {
        env.LD_LIBRARY_PATH = software;
        env.VK_ICD_FILENAMES = driver;
      }
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
        env,
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
