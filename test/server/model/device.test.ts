import assert from 'node:assert/strict';
import { availableDevices, type Device } from '../../../server/graph/runtime';
import { chooseDevice } from '../../../server/model/device';
import { openModel } from '../../../server/model/index';
import { golden } from './golden';

describe('device', () => {
  it('is the CPU where nothing else is asked for', async () => {
    assert.deepEqual(await chooseDevice('auto'), { device: 'cpu' });
    assert.deepEqual(await chooseDevice('cpu'), { device: 'cpu' });
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
});
