import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../../../../server/model/errors';
import { writeSafetensors } from '../../../../server/model/files/safetensors';
import { cachedWeights, type PlannedTensor } from '../../../../server/model/files/weight-cache';
import { Weights } from '../../../../server/model/files/weights';
import { loadAdapter, openModel, saveAdapter } from '../../../../server/model/open';
import { removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

/** A file that takes no byte: whatever is written through a link to it meets a full disk. */
const full = '/dev/full';

describe('a full disk', () => {
  before(function () {
    if (!existsSync(full)) this.skip();
  });
  after(removeFolders);
  const isFull = (path: string) => (error: unknown) => {
    assert.ok(error instanceof ModelError, String(error));
    assert.equal(error.message, `${path} cannot be written: the disk is full, make room on it.`);
    return true;
  };

  it('costs a file of tensors, in a sentence, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.safetensors');
    symlinkSync(full, `${path}.${process.pid}.tmp`);
    const tensors = new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]);
    await assert.rejects(writeSafetensors(path, tensors), isFull(path));
    assert.deepEqual(readdirSync(folder), []);
  });

  it('leaves the adapter before as it was', async () => {
    const folder = temporaryFolder();
    const directory = join(folder, 'adapter');
    const adapter = loadAdapter(join(golden('qwen2'), 'adapter'));
    await saveAdapter(adapter, directory);
    const temporary = `${directory}.${process.pid}.tmp`;
    mkdirSync(temporary);
    const file = join(temporary, 'adapter_model.safetensors');
    symlinkSync(full, `${file}.${process.pid}.tmp`);
    await assert.rejects(saveAdapter(adapter, directory), isFull(file));
    assert.deepEqual(readdirSync(folder), ['adapter']);
    assert.equal(loadAdapter(directory).hash, adapter.hash);
  });

  it('costs quantized weights, and the next attempt begins anew', async () => {
    const folder = temporaryFolder();
    const weights = Weights.open(golden('qwen2'));
    const plan = (): PlannedTensor[] => [
      { name: 'x', type: 'U8', shape: [4], length: 4, pieces: () => [Uint8Array.of(1, 2, 3, 4)] },
    ];
    const made = await cachedWeights(weights, 'k', plan, folder);
    const other = temporaryFolder();
    const path = made.files[0]!.path.replace(folder, other);
    symlinkSync(full, `${path}.partial`);
    await assert.rejects(cachedWeights(weights, 'k', plan, other), /ENOSPC/);
    assert.deepEqual(readdirSync(other), []);
    assert.equal((await cachedWeights(weights, 'k', plan, other)).bytes, 4);
  });

  it('leaves the model in float32, which says so', async () => {
    // A cache folder that cannot be made: its parent is a file.
    const blocked = join(temporaryFolder(), 'file');
    writeFileSync(blocked, '');
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = blocked;
    try {
      const model = await openModel(golden('qwen2'), { precision: 'int8' });
      assert.match(model.notice!, /^The weights cannot be kept in int8 \(.*\); float32 is used\.$/);
      const decoder = await model.decoder();
      assert.equal((await decoder.generate({ prompt: [1], maxTokens: 2, stopIds: [] })).ids.length, 2);
      await model.close();
    } finally {
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
    }
  });
});
