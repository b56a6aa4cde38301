import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from '../../../server/store/connect';
import { deleteScope } from '../../../server/store/deletion';
import { Connection } from '../../../server/store/sqlite';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';

describe('the feedback store', () => {
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

  it('keeps the context of a prompt, and deletes a file from the contexts of others too', async () => {
    const part = (path: string) => ({
      kind: 'definition' as const,
      path,
      text: `export const of = '${path}';`,
    });
    await store.completions.insert(completion('c0', { uri: 'file:///w/cart.ts', path: 'cart.ts' }));
    const given = { ...completion('c1'), context: [part('cart.ts'), part('tax.ts')] };
    await store.completions.insert(given);
    await store.events.put(learningEvent('c1', { solution: 'x' }));
    await store.completions.insert(completion('c2', { context: [part('tax.ts')] }));
    assert.deepEqual(await store.completions.get('c1'), given);
    assert.deepEqual((await store.events.of('c1'))!.context, given.context);
    await store.delete({ scope: 'file', uri: 'file:///w/cart.ts' });
    const [one, other] = [await store.completions.get('c1'), await store.completions.get('c2')];
    assert.deepEqual([one!.context, one!.promptIds], [undefined, []]);
    assert.deepEqual([other!.context, other!.promptIds.length], [[part('tax.ts')], 3]);
  });

  it('goes on where a process was killed while it looked through the contexts of others', async () => {
    const context = [{ kind: 'definition' as const, path: 'cart.ts', text: 'marmaladeWord' }];
    await store.completions.insert(completion('c', { uri: 'file:///w/cart.ts', path: 'cart.ts' }));
    for (let i = 0; i < 700; i += 100)
      await Promise.all(
        Array.from({ length: 100 }, (_, j) => store.completions.insert(completion(`c${i + j}`, { context }))),
      );
    // Killed after its first transaction.
    const db = await connect(place.file, 1_000, false);
    await db.exec('BEGIN IMMEDIATE');
    assert.equal((await deleteScope(db, { scope: 'file', uri: 'file:///w/cart.ts' })).completions, 1);
    await db.exec('COMMIT');
    await db.close();
    assert.equal((await store.completions.get('c699'))?.context?.length, 1);
    await store.finishDeletion();
    for (const id of ['c0', 'c300', 'c699'])
      assert.equal((await store.completions.get(id))?.context, undefined);
    const bytes =
      readFileSync(place.file).toString('latin1') + readFileSync(`${place.file}-wal`).toString('latin1');
    assert.ok(!bytes.includes('marmaladeWord'));
    assert.equal(await store.values.get('data.contexts'), null);
  }).timeout(20_000);

  it('deletes for good, with the adapters that learned from it', async () => {
    await store.values.set('stays', 'yes');
    const words = ['pine', 'apple', 'marmalade'];
    for (const [i, word] of words.entries()) {
      const text = `${word}Word`.repeat(50);
      await store.completions.insert(
        completion(`c${i}`, { uri: `file:///w/${i}.ts`, path: `${i}.ts`, prefix: text }),
      );
      await store.feedback.insert({ completionId: `c${i}`, kind: 'words', at: 1, text });
      await store.events.put(learningEvent(`c${i}`, { solution: text }));
    }
    const ids = (await store.events.list({ statuses: ['ready'], limit: 9 })).map((e) => e.id);
    const add = async (events: number[], parent: number | null) => {
      const roundId = (await store.rounds.start(1, events.length)).id;
      await store.rounds.linkEvents(roundId, events);
      return store.adapters.insert({
        createdAt: 1,
        roundId,
        modelHash: 'm',
        hash: '',
        directory: `${roundId}`,
        parent,
      });
    };
    const a = await add([ids[0]!], null);
    const b = await add([ids[1]!], null);
    const c = await add([ids[2]!], a);
    await store.adapters.activate(c);
    const gone = await store.delete({ scope: 'event', completionId: 'c0' });
    assert.equal(gone.completions, 1);
    assert.deepEqual(
      gone.adapters.map((x) => x.id),
      [a, c],
    );
    assert.equal(await store.adapters.active('m'), null);
    assert.deepEqual(
      (await store.adapters.list('m')).map((x) => x.id),
      [b],
    );
    const bytes = () =>
      readFileSync(place.file).toString('latin1') + readFileSync(`${place.file}-wal`).toString('latin1');
    assert.ok(!bytes().includes('pineWord'), 'deleted text still lies in the file');
    assert.ok(bytes().includes('appleWord'));
    assert.equal((await store.delete({ scope: 'file', uri: 'file:///w/1.ts' })).completions, 1);
    assert.equal(await store.completions.count(), 1);
    assert.equal(await store.events.count('ready'), 1);
    assert.equal((await store.delete({ scope: 'all' })).completions, 1);
    assert.ok(!/Word/.test(bytes()));
    assert.deepEqual(await store.panel.list({}, 0, 5), { total: 0, events: [], languages: [] });
    assert.ok((await store.rounds.start(1, 1)).id > 3, 'numbers are not given twice');
    assert.equal(await store.values.get('stays'), 'yes');
    await store.completions.insert(completion('again'));
    assert.equal(await store.completions.count(), 1);
    await store.delete({ scope: 'all' });
    assert.deepEqual(await store.panel.acceptance(60_000, 5), []);
    await assert.rejects(store.delete({ scope: 'event' }), /needs its id/);
  });

  it('empties its log as soon as another program lets go of it, and says what that waits for', async () => {
    const told: string[] = [];
    const here = await openStore(place.file, {
      busyMs: 20,
      wipeAgainMs: 50,
      onTrouble: (sentence) => told.push(sentence),
    });
    await here.completions.insert(completion('c1', { prefix: 'marmaladeWord' }));
    const reader = await Connection.open(place.file, 50);
    await reader.exec('BEGIN');
    await reader.all('SELECT * FROM completions');
    await here.delete({ scope: 'all' });
    assert.equal(told.length, 1);
    assert.match(told[0]!, /another program still reads its log; it goes from there as soon as/);
    const log = () => readFileSync(`${place.file}-wal`).toString('latin1');
    assert.ok(log().includes('marmaladeWord'));
    await reader.exec('COMMIT');
    for (let i = 0; i < 100 && log().includes('marmaladeWord'); i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(!log().includes('marmaladeWord'));
    assert.ok(!readFileSync(place.file).toString('latin1').includes('marmaladeWord'));
    await reader.close();
    await here.close();
  }).timeout(20_000);
});
