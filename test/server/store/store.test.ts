import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { EventFilter, OutcomeKind } from '../../../server/protocol/types';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';

describe('feedback store', () => {
  let place: ReturnType<typeof scratch>;
  let store: FeedbackStore;
  beforeEach(async () => {
    place = scratch(true);
    store = await openStore(place.file);
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  it('gives a completion back as it was stored, after a reopening too', async () => {
    const record = completion('c1', { adapter: 3, text: 'é😀\n', promptIds: [0, 2 ** 31 - 1] });
    await store.completions.insert(record);
    await store.completions.insert({ ...record, text: 'a repeated message' });
    assert.deepEqual(await store.completions.get('c1'), record);
    await store.close();
    store = await openStore(place.file);
    assert.deepEqual(await store.completions.get('c1'), record);
    assert.equal(await store.completions.get('c2'), null);
    assert.equal(await store.completions.count(), 1);
  });

  it('tells a completion’s whole story', async () => {
    await store.completions.insert(completion('c1'));
    const t = 1_700_000_000_000;
    await store.outcomes.insert({
      completionId: 'c1',
      kind: 'shown',
      confidence: 'inferred',
      at: t,
      acceptedLength: null,
    });
    await store.outcomes.insert({
      completionId: 'c1',
      kind: 'accepted',
      confidence: 'observed',
      at: t + 5,
      acceptedLength: 4,
    });
    await store.outcomes.insert({
      completionId: 'c1',
      kind: 'shown',
      confidence: 'inferred',
      at: t + 9,
      acceptedLength: null,
    });
    await store.kept.insert({
      completionId: 'c1',
      at: t + 30_000,
      reason: '30s',
      text: 'sum(1, 2);',
      editDistance: 0.25,
    });
    await store.feedback.insert({ completionId: 'c1', kind: 'words', at: t + 40_000, text: 'use sum' });
    const id = await store.events.put(
      learningEvent('c1', { signals: ['edited', 'words'], status: 'waiting' }),
    );
    assert.equal(await store.events.put(learningEvent('c1')), id);
    const gate = { name: 'gap', passed: false, value: 0.01, threshold: 0.1 };
    await store.events.settle((await store.events.of('c1'))!, 'gated-out', 'The gap is too small.', [gate]);
    const tokens = [
      { token: 'add', advantage: -1, studentLogProb: -0.1, teacherLogProb: -1.1, alternatives: [] },
    ];
    await store.advantages.put('c1', null, 'solution', [{ ...tokens[0]!, advantage: 7 }]);
    await store.advantages.put('c1', null, 'solution', tokens);
    const story = (await store.panel.story('c1'))!;
    assert.equal(story.outcome, 'accepted');
    assert.equal(story.keptText, 'sum(1, 2);');
    assert.deepEqual(story.signals, ['edited', 'words']);
    assert.equal(story.status, 'gated-out');
    assert.equal(story.reason, 'The gap is too small.');
    assert.deepEqual(story.gate, [gate]);
    assert.deepEqual(story.advantages, { roundId: null, context: 'solution', tokens });
    assert.equal(story.outcomes.length, 3);
    assert.deepEqual(
      story.kept.map((k) => [k.afterMs, k.reason, k.editDistance]),
      [[30_000, '30s', 0.25]],
    );
    assert.equal(await store.panel.story('none'), null);
    assert.equal((await store.events.list({ statuses: ['ready'], limit: 9 })).length, 0);
    const [event] = await store.events.list({ statuses: ['ready', 'gated-out'], limit: 9 });
    assert.equal(event?.solution, 'sum(1, 2);');
    assert.deepEqual(event?.promptIds, [1, 2, 70_000]);
    assert.equal(await store.events.count('gated-out'), 1);
    assert.equal(await store.events.count('ready'), 0);
  });

  it('settles an event only as it was read: one that has changed since stays', async () => {
    await store.completions.insert(completion('c1'));
    await store.events.put(learningEvent('c1'));
    const read = (await store.events.of('c1'))!;
    await store.events.put(learningEvent('c1', { solution: 'better();' }));
    assert.equal(await store.events.settle(read, 'trained', null), false);
    const now = (await store.events.of('c1'))!;
    assert.deepEqual([now.status, now.solution], ['ready', 'better();']);
    assert.equal((await store.panel.story('c1'))!.status, 'ready');
    assert.equal(await store.events.settle(now, 'trained', null), true);
    assert.equal((await store.panel.story('c1'))!.status, 'trained');
    assert.equal(await store.events.count('trained'), 1);
  });

  it('refuses what refers to an unknown completion, and writes what came with it', async () => {
    const bad = store.kept.insert({ completionId: 'no', at: 1, reason: 'save', text: '', editDistance: 0 });
    const good = store.completions.insert(completion('c1'));
    await assert.rejects(bad, /no stored completion no/);
    await good;
    assert.ok(await store.completions.get('c1'));
  });

  it('lists pages and totals as a plain filter over all rows would', async () => {
    const outcomes: (OutcomeKind | null)[] = ['shown', 'accepted', 'rejected', null];
    const rows = Array.from({ length: 300 }, (_, i) => ({
      id: `c${i}`,
      path: i % 7 === 0 ? 'lib/B.py' : `src/f${i % 3}.ts`,
      language: i % 7 === 0 ? 'python' : 'typescript',
      outcome: outcomes[i % 4]!,
      edited: i % 5 === 0,
    }));
    await Promise.all(
      rows.flatMap((row, i) => [
        store.completions.insert(
          completion(row.id, {
            createdAt: 1e12 + i,
            path: row.path,
            uri: `file:///w/${row.path}`,
            languageId: row.language,
          }),
        ),
        ...(row.outcome
          ? [
              store.outcomes.insert({
                completionId: row.id,
                kind: row.outcome,
                confidence: 'observed',
                at: i,
                acceptedLength: null,
              }),
            ]
          : []),
        ...(row.edited ? [store.events.put(learningEvent(row.id))] : []),
      ]),
    );
    const filters: fc.Arbitrary<EventFilter> = fc.record(
      {
        signal: fc.constantFrom('edited' as const, 'words' as const),
        outcome: fc.constantFrom<OutcomeKind>('shown', 'accepted', 'rejected'),
        languageId: fc.constantFrom('python', 'typescript', 'go'),
        path: fc.constantFrom('', 'b.PY', 'f1', '.', 'none'),
        status: fc.constantFrom('ready' as const, 'trained' as const),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        filters,
        fc.nat(320),
        fc.integer({ min: 1, max: 60 }),
        async (filter, offset, limit) => {
          const want = rows
            .filter(
              (row) =>
                (!filter.signal || (filter.signal === 'edited' && row.edited)) &&
                (!filter.outcome || row.outcome === filter.outcome) &&
                (!filter.languageId || row.language === filter.languageId) &&
                row.path.toLowerCase().includes((filter.path ?? '').toLowerCase()) &&
                (!filter.status || (filter.status === 'ready' && row.edited)),
            )
            .reverse();
          const got = await store.panel.list(filter, offset, limit);
          assert.deepEqual(got.languages, ['python', 'typescript']);
          assert.equal(got.total, want.length);
          assert.deepEqual(
            got.events.map((e) => e.completionId),
            want.slice(offset, offset + limit).map((row) => row.id),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('pages over many blocks', async () => {
    const count = 9_000;
    const pathOf = (i: number) => (i % 3 === 0 ? 'a.ts' : i % 1_000 < 500 ? 'b.ts' : 'c.ts');
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        store.completions.insert(
          completion(`c${i}`, {
            path: pathOf(i),
            uri: `file:///w/${pathOf(i)}`,
            promptIds: [],
            languageId: 'go',
          }),
        ),
      ),
    );
    for (let i = 0; i < count; i += 2) {
      void store.outcomes.insert({
        completionId: `c${i}`,
        kind: 'rejected',
        confidence: 'observed',
        at: 1,
        acceptedLength: null,
      });
    }
    await store.values.set('written', 'yes');
    const all = Array.from({ length: count }, (_, i) => count - 1 - i);
    const cases: [EventFilter, (i: number) => boolean][] = [
      [{}, () => true],
      [{ path: 'b' }, (i) => pathOf(i) === 'b.ts'],
      [{ path: 'c.ts', outcome: 'rejected' }, (i) => pathOf(i) === 'c.ts' && i % 2 === 0],
      [{ outcome: 'rejected' }, (i) => i % 2 === 0],
      [{ path: 's', languageId: 'go' }, () => true],
    ];
    for (const [filter, passes] of cases) {
      const want = all.filter(passes).map((i) => `c${i}`);
      for (const offset of [0, 1_400, 2_990, want.length - 7, want.length, 20_000]) {
        const page = await store.panel.list(filter, offset, 130);
        assert.equal(page.total, want.length);
        assert.deepEqual(
          page.events.map((e) => e.completionId),
          want.slice(offset, offset + 130),
          JSON.stringify([filter, offset]),
        );
      }
    }
  });

  it('sums acceptance by bucket', async () => {
    for (const [i, at] of [0, 1_000, 3_600_000, 7_300_000].entries()) {
      await store.completions.insert(completion(`c${i}`, { createdAt: at }));
      await store.outcomes.insert({
        completionId: `c${i}`,
        kind: 'shown',
        confidence: 'inferred',
        at,
        acceptedLength: null,
      });
    }
    await store.outcomes.insert({
      completionId: 'c1',
      kind: 'accepted',
      confidence: 'observed',
      at: 9_000,
      acceptedLength: null,
    });
    await store.kept.insert({ completionId: 'c1', at: 9_001, reason: '30s', text: 'x', editDistance: 0.5 });
    await store.kept.insert({ completionId: 'c1', at: 9_002, reason: '2min', text: 'x', editDistance: 0.75 });
    const hours = await store.panel.acceptance(3_600_000, 10);
    assert.deepEqual(hours, [
      { at: 0, shown: 2, accepted: 1, keptRate: 0.25 },
      { at: 3_600_000, shown: 1, accepted: 0, keptRate: null },
      { at: 7_200_000, shown: 1, accepted: 0, keptRate: null },
    ]);
    assert.deepEqual(await store.panel.acceptance(3_600_000, 2), hours.slice(1));
    assert.deepEqual((await store.panel.acceptance(60_000, 2_000)).length, 3);
  });

  it('keeps rounds, adapters, leases and values', async () => {
    const round = (await store.rounds.start(5, 4)).id;
    const [running] = await store.rounds.list(3);
    assert.equal(running?.state, 'running');
    await store.rounds.update({ ...running!, state: 'promoted', message: 'better' });
    assert.equal((await store.rounds.list(3))[0]?.message, 'better');
    const adapter = {
      createdAt: 1,
      roundId: round,
      modelHash: 'm',
      hash: 'h',
      directory: 'adapters/1',
      parent: null,
    };
    const a = await store.adapters.insert(adapter);
    const b = await store.adapters.insert({ ...adapter, parent: a });
    await store.adapters.activate(a);
    await store.adapters.activate(b);
    assert.equal((await store.adapters.active('m'))?.id, b);
    assert.deepEqual(
      (await store.adapters.list('m')).map((x) => x.active),
      [false, true],
    );
    await store.adapters.activate(null);
    assert.equal(await store.adapters.active('m'), null);
    await assert.rejects(store.adapters.activate(99), /no adapter 99/);
    assert.equal(await store.leases.take('train', 'p1', 1_000), true);
    assert.equal(await store.leases.take('train', 'p2', 1_000), false);
    assert.equal(await store.leases.take('train', 'p1', 0), true);
    assert.equal(await store.leases.take('train', 'p2', 1_000), true);
    await store.leases.release('train', 'p2');
    assert.equal(await store.leases.take('train', 'p1', 1_000), true);
    assert.equal(await store.values.get('k'), null);
    await store.values.set('k', '1');
    await store.values.set('k', '2');
    assert.equal(await store.values.get('k'), '2');
  });

  it('names the projects that its code is from', async () => {
    assert.deepEqual(await store.completions.projects(), []);
    const files = [
      'file:///home/ada/shop/src/a%20b.ts',
      'file:///home/ada/shop/c.ts',
      'file:///home/ada/blog/c.ts',
    ];
    const paths = ['src/a b.ts', 'c.ts', 'c.ts'];
    for (const [i, uri] of files.entries()) {
      await store.completions.insert(completion(`p${i}`, { uri, path: paths[i]! }));
    }
    assert.deepEqual(await store.completions.projects(), ['/home/ada/blog', '/home/ada/shop']);
    await store.delete({ scope: 'file', uri: files[2]! });
    assert.deepEqual(await store.completions.projects(), ['/home/ada/shop']);
  });
});
