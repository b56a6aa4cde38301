import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import type { OutcomeKind } from '../../../server/protocol/types';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';

const DAY = 24 * 3_600_000;

describe('what is stored for long', () => {
  let place: ReturnType<typeof scratch>;
  let store: FeedbackStore;
  let now: number;
  beforeEach(async () => {
    place = scratch();
    now = 1_700_000_000_000;
    store = await openStore(place.file, { now: () => now });
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  async function offer(id: string, outcome: OutcomeKind | null, marker = id): Promise<void> {
    const code = `${marker}Code`;
    await store.completions.insert(
      completion(id, { createdAt: now, text: code, prefix: code, suffix: code, promptIds: [70_001, 70_003] }),
    );
    if (outcome)
      await store.outcomes.insert({
        completionId: id,
        kind: outcome,
        confidence: 'inferred',
        at: now,
        acceptedLength: null,
      });
  }

  const bytes = () =>
    readFileSync(place.file).toString('latin1') + readFileSync(`${place.file}-wal`).toString('latin1');

  it('is without code a day after an offer that nobody saw', async () => {
    const gone: (OutcomeKind | null)[] = [null, 'superseded', 'ignored'];
    const stays: OutcomeKind[] = ['shown', 'accepted', 'accepted-partially', 'rejected', 'typed-through'];
    for (const kind of [...gone, ...stays]) await offer(`old-${kind}`, kind);
    await offer('commented', 'ignored');
    await offer('partly', 'accepted-partially');
    const later = { kind: 'superseded', confidence: 'inferred', at: now + 9, acceptedLength: null } as const;
    await store.outcomes.insert({ completionId: 'partly', ...later });
    await store.events.comment('commented', 'not so');
    now += DAY - 1_000;
    await offer('young', 'superseded');
    await store.tidy(0);
    assert.ok(bytes().includes('old-supersededCode'), 'a day has not passed');
    const chart = await store.panel.acceptance(3_600_000, 99);
    now += 2_000;
    await store.tidy(0);
    for (const kind of gone) {
      assert.equal(await store.completions.get(`old-${kind}`), null);
      assert.ok(!bytes().includes(`old-${kind}Code`), `${kind}: its code still lies in the file`);
    }
    for (const id of [...stays.map((kind) => `old-${kind}`), 'commented', 'partly', 'young'])
      assert.equal((await store.completions.get(id))?.prefix, `${id}Code`);
    assert.equal(await store.completions.count(), gone.length + stays.length + 3);
    assert.deepEqual(await store.panel.acceptance(3_600_000, 99), chart);
    assert.equal((await store.panel.story('old-ignored'))?.text, '');
  });

  it('goes after as many days as the settings say, but for what the adapter in use has learned', async () => {
    for (const id of ['plain', 'lesson', 'learned', 'before']) await offer(id, 'accepted');
    for (const id of ['lesson', 'learned', 'before']) await store.events.put(learningEvent(id));
    let parent: number | null = null;
    for (const id of ['before', 'learned']) {
      const round = await store.rounds.start(now, 1);
      const event = (await store.events.of(id))!;
      await store.rounds.linkEvents(round.id, [event.id]);
      const record = { createdAt: now, roundId: round.id, modelHash: 'm', hash: '', directory: id, parent };
      parent = await store.adapters.register(record, [event.id]);
    }
    now += 31 * DAY;
    await offer('young', 'accepted');
    await store.tidy(0);
    assert.equal(await store.completions.count(), 5);
    await store.tidy(30);
    assert.deepEqual(
      (await store.panel.list({}, 0, 9)).events.map(({ completionId }) => completionId),
      ['young', 'before', 'learned'],
    );
    assert.ok(!/plainCode|lessonCode/.test(bytes()));
    await store.adapters.activate(null);
    await store.tidy(30);
    assert.equal(await store.completions.count(), 1);
    // Deleting one of them would have had to find its adapter.
    assert.equal(await store.events.count('ready'), 0);
  });

  it('gives its space back in steps that let another window write', async function () {
    this.timeout(60_000);
    const other = await openStore(place.file, { now: () => now });
    for (let i = 0; i < 1_500; i += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, j) =>
          store.completions.insert(completion(`c${i + j}`, { createdAt: now, prefix: 'x'.repeat(20_000) })),
        ),
      );
    const full = statSync(place.file).size;
    now += 2 * DAY;
    let done = false;
    const tidied = store.tidy(30).finally(() => {
      done = true;
    });
    let longest = 0;
    let writes = 0;
    while (!done) {
      const began = performance.now();
      await other.values.set('beat', String(writes++));
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await tidied;
    assert.ok(writes > 20, `${writes} writes`);
    assert.ok(longest < 1_000, `a write waited ${longest.toFixed(0)} ms`);
    const left = statSync(place.file).size;
    assert.ok(left < full / 5, `${full} bytes before, ${left} after`);
    await other.close();
  });
});
