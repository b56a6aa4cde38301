import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHeader } from '../../../../server/model/files/safetensors';
import { cachedWeights, type PlannedTensor } from '../../../../server/model/files/weight-cache';
import { Weights } from '../../../../server/model/files/weights';
import { removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

describe('weight files that are made from a model', () => {
  after(removeFolders);
  const weights = Weights.open(golden('qwen2'));

  /** Three tensors of 1,000 bytes; `made` counts how often each was made. */
  function planned(failAt = -1) {
    const made = [0, 0, 0];
    const plan = (): PlannedTensor[] =>
      made.map((_, i) => ({
        name: `t${i}`,
        type: 'U8',
        shape: [1000],
        length: 1000,
        *pieces() {
          made[i]! += 1;
          yield new Uint8Array(600).fill(i + 1);
          if (i === failAt) throw new Error('no more');
          yield new Uint8Array(400).fill(10 * (i + 1));
        },
      }));
    return { made, plan };
  }

  it('go on where a process died: what is whole is not made again', async () => {
    const folder = temporaryFolder();
    const first = await cachedWeights(weights, 'k', planned().plan, folder);
    const path = first.files[0]!.path;
    const want = readFileSync(path);
    const end = readHeader(path).tensors.get('t1')!.offset + 1000;
    const partial = Buffer.from(want);
    // Behind what is known to be whole lies anything.
    partial.fill(0xee, end);
    writeFileSync(`${path}.partial`, partial);
    writeFileSync(`${path}.progress`, String(end));
    rmSync(path);
    const { made, plan } = planned();
    await cachedWeights(weights, 'k', plan, folder);
    assert.deepEqual(made, [0, 0, 1]);
    assert.ok(readFileSync(path).equals(want));
    assert.equal(readdirSync(folder).length, 1);
  });

  it('begin again where what is there is shorter than it says', async () => {
    const folder = temporaryFolder();
    const path = (await cachedWeights(weights, 'k', planned().plan, folder)).files[0]!.path;
    const want = readFileSync(path);
    copyFileSync(path, `${path}.partial`);
    writeFileSync(`${path}.progress`, String(want.length + 1));
    rmSync(path);
    const { made, plan } = planned();
    await cachedWeights(weights, 'k', plan, folder);
    assert.deepEqual(made, [1, 1, 1]);
    assert.ok(readFileSync(path).equals(want));
  });

  it('are made once, however many want them at a time', async () => {
    const folder = temporaryFolder();
    const { made, plan } = planned();
    const all = await Promise.all([1, 2, 3].map(() => cachedWeights(weights, 'k', plan, folder)));
    assert.deepEqual(made, [1, 1, 1]);
    assert.equal(new Set(all.map((w) => w.files[0]!.path)).size, 1);
  });

  it('are made by another where the process that began is gone', async () => {
    const folder = temporaryFolder();
    const path = (await cachedWeights(weights, 'k', planned().plan, folder)).files[0]!.path;
    rmSync(path);
    // No process has this number.
    writeFileSync(`${path}.lock`, String(2 ** 30));
    await cachedWeights(weights, 'k', planned().plan, folder);
    assert.deepEqual(readdirSync(folder).length, 1);
  });

  it('leave nothing behind where they cannot be made', async () => {
    const folder = temporaryFolder();
    await assert.rejects(cachedWeights(weights, 'k', planned(1).plan, folder), /no more/);
    assert.deepEqual(readdirSync(folder), []);
    await cachedWeights(weights, 'k', planned().plan, join(folder, 'new'));
  });
});
