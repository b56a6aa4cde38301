import assert from 'node:assert/strict';
import { gather } from '../../../../server/training/round/gather';
import { settleEvents } from '../../../../server/training/round/record-result';
import { learningEvent } from '../../store/records';
import { capture, corrections, storage } from '../fixtures';

describe('the end of a round', () => {
  it('leaves what was edited while it ran to the next one, and knows that it was read', async () => {
    const { store, close } = await storage();
    const [edited, same] = corrections(2);
    await capture(store, edited!);
    await capture(store, same!);
    const round = await store.rounds.start(1, 2);
    const gathered = await gather(store, false);
    // The developer goes on editing, and says something of the other one.
    await store.events.put(learningEvent(edited!.completionId, { ...edited, solution: 'better(id);' }));
    const gates = gathered.fresh.map(({ id }) => ({ eventId: id, passed: true, reason: '', gates: [] }));
    await settleEvents(store, gathered, gates, { id: round.id, learned: true, gated: true });
    const now = (await store.events.of(edited!.completionId))!;
    assert.deepEqual([now.status, now.solution], ['ready', 'better(id);']);
    assert.equal((await store.events.of(same!.completionId))!.status, 'trained');
    assert.deepEqual(
      (await gather(store, false)).fresh.map(({ solution }) => solution),
      ['better(id);'],
    );
    // The adapter has read the old version: whoever deletes this completion takes the adapter along.
    const adapter = {
      createdAt: 1,
      roundId: round.id,
      modelHash: 'm',
      hash: 'h',
      directory: 'd',
      parent: null,
    };
    await store.adapters.insert(adapter);
    const gone = await store.delete({ scope: 'event', completionId: edited!.completionId });
    assert.equal(gone.adapters.length, 1);
    await close();
  });
});
