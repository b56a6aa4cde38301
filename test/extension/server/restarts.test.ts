import assert from 'node:assert/strict';
import { Restarts } from '../../../extension/server/restarts';

describe('a server that crashes', () => {
  it('is started again later each time, and left alone after five crashes in three minutes', () => {
    const restarts = new Restarts();
    const delays = [0, 10, 20, 30, 40].map((seconds) => restarts.crashed(seconds * 1000));
    assert.deepEqual(delays, [0, 1_000, 4_000, 15_000, null]);
  });

  it('is started at once where the last crash was long ago, or the developer restarts it', () => {
    const restarts = new Restarts();
    for (let i = 0; i < 10; i++) assert.equal(restarts.crashed(i * 200_000), 0);
    for (let i = 0; i < 5; i++) restarts.crashed(2_000_000);
    assert.equal(restarts.crashed(2_000_001), null);
    restarts.reset();
    assert.equal(restarts.crashed(2_000_002), 0);
  });
});
