import assert from 'node:assert/strict';
import { random } from '../../../server/base/random';
import { bundleServer } from '../bundle';
import { type Fault, faultsOf, KILL, liveThrough } from './day';

/** Days with a fault; `test/bench/server/day.ts` lives through all of them. */
const DAYS = 2;

describe('a day of the server', function () {
  this.timeout(180_000);

  it('loses nothing and goes on, whatever call or message of it goes wrong', async () => {
    const entry = await bundleServer();
    const plain = await liveThrough(entry, null);
    assert.ok(plain.acknowledged > 0, 'something was stored');
    const faults = faultsOf(plain);
    assert.ok(faults.length > 100, `${faults.length} calls and messages`);
    assert.ok(new Set(faults.map(({ role, kind }: Fault) => `${role} ${kind}`)).size >= 5);
    const source = random(Date.now() % 1_000_000);
    for (const fault of source.shuffle(faults).slice(0, DAYS)) await liveThrough(entry, fault);
    const at = source.below(8_000);
    await liveThrough(entry, { role: 'server', kind: KILL, at, code: 'SIGKILL' });
  });
});
