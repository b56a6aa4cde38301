import assert from 'node:assert/strict';
import { join } from 'node:path';
import { availableDevices, type Device } from '../../../../server/graph/runtime';
import { type FolderModel, loadAdapter, openModel } from '../../../../server/model/open';
import { chooseDevice } from '../../../../server/model/runtime/device';
import { golden } from '../golden';

describe('device', () => {
  it('is the CPU where nothing else is asked for', async () => {
    assert.deepEqual(await chooseDevice('auto'), { device: 'cpu' });
    assert.deepEqual(await chooseDevice('cpu'), { device: 'cpu' });
    assert.deepEqual(await chooseDevice('auto', 3e6), { device: 'cpu' });
  });

  it('is for a large model the fastest that works', async function () {
    this.timeout(30_000);
    const { device, notice } = await chooseDevice('auto', 5e8);
    assert.ok((await availableDevices()).includes(device));
    assert.equal(notice, undefined);
  });

  it('falls back to the CPU with one sentence where this platform has no such device', async () => {
    const available = await availableDevices();
    const missing = (['dml', 'coreml'] as Device[]).find((d) => !available.includes(d))!;
    const model = await openModel(golden('qwen2'), { device: missing });
    assert.equal(model.device, 'cpu');
    assert.match(
      model.notice!,
      new RegExp(`^The device ${missing} cannot be used \\(.*\\); the model runs on the CPU\\.$`),
    );
    const decoder = await model.decoder();
    assert.equal((await decoder.generate({ prompt: [1, 2], maxTokens: 3, stopIds: [] })).ids.length, 3);
    await model.close();
  });

  it('that fails in the middle of the work leaves it to the CPU, and says so once', async () => {
    const available = await availableDevices();
    const failing = (['dml', 'coreml'] as Device[]).find((d) => !available.includes(d))!;
    const adapter = loadAdapter(join(golden('qwen2'), 'adapter'));
    const row = { prompt: [1, 2, 3], response: [4, 5], crossEntropy: 1 };
    const work = {
      decoding: async (model: FolderModel) => {
        const decoder = await model.decoder();
        decoder.setAdapter(adapter);
        return (await decoder.generate({ prompt: [1, 2], maxTokens: 3, stopIds: [] })).logProbs;
      },
      scoring: async (model: FolderModel) =>
        (await (await model.scorer()).score([1, 2], [3, 4], adapter, 0)).logProbs,
      training: async (model: FolderModel) => {
        const trainer = await model.trainer({ adapter, rank: 4, alpha: 8, seed: 1 });
        return (await trainer.accumulate([row], 1)).crossEntropy;
      },
    };
    for (const [name, run] of Object.entries(work)) {
      const [moved, cpu] = [await openModel(golden('qwen2')), await openModel(golden('qwen2'))];
      // As if the device had worked until now.
      moved.parts.device = failing;
      assert.deepEqual([...(await run(moved))], [...(await run(cpu))], name);
      assert.equal(moved.device, 'cpu');
      const { notice } = moved;
      assert.match(
        notice!,
        new RegExp(`^The device ${failing} failed \\(.*\\); the model runs on the CPU\\.$`),
      );
      await run(moved);
      assert.equal(moved.notice, notice);
      await moved.close();
      await cpu.close();
    }
  });
});
