/**
 * As SQLite tests itself: a story is told once to count the calls through the one door to SQLite, then once for every call,
 * which fails. Nothing acknowledged may be lost, nothing stored twice, and the store has to go on.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Connection } from '../../../server/store/sqlite';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';
import { story, type Told } from './story';

const NOW = 1_700_000_000_000;
const ERRORS = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_BUSY',
  'SQLITE_NOMEM',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
];

/** 'before': the call does nothing and fails. 'after': it is done, and is said to have failed. 'long': it and the next three fail. */
type Fault = { at: number; kind: 'before' | 'after' | 'long'; code: string } | null;

type Call = (...values: never[]) => Promise<unknown>;
type Door = Record<'run' | 'get' | 'all' | 'exec', Call>;

/** Counts the calls of one database and lets one of them fail. Other databases are not touched, so stories can run side by side. */
const watched = new Map<string, { calls: number; fault: Fault }>();
const pathOf = new WeakMap<object, string>();

async function through(path: string | undefined, call: () => Promise<unknown>): Promise<unknown> {
  const watch = path === undefined ? undefined : watched.get(path);
  if (!watch) return call();
  const n = ++watch.calls;
  const { fault } = watch;
  const hit = fault && n >= fault.at && n < fault.at + (fault.kind === 'long' ? 4 : 1);
  if (!hit) return call();
  if (fault.kind === 'after') await call();
  throw Object.assign(new Error(`${fault.code}: a fault at call ${n}`), { code: fault.code });
}

const original = { open: Connection.open, door: {} as Door };

function watchTheDoor(): void {
  const door = Connection.prototype as unknown as Door;
  for (const name of ['run', 'get', 'all', 'exec'] as const) {
    const call = door[name];
    original.door[name] = call;
    door[name] = function (this: object, ...values: never[]) {
      return through(pathOf.get(this), () => call.apply(this, values));
    };
  }
  Connection.open = async (path: string, busyMs: number) => {
    const opened = (await through(path, () => original.open.call(Connection, path, busyMs))) as Connection;
    pathOf.set(opened, path);
    return opened;
  };
}

function leaveTheDoor(): void {
  Object.assign(Connection.prototype, original.door);
  Connection.open = original.open;
}

/** Everything is deleted, and the store is used again. Answers the number of calls. */
async function deleteAll(fault: Fault): Promise<number> {
  const place = scratch(true);
  const watch = { calls: 0, fault };
  watched.set(place.file, watch);
  try {
    const store = await openStore(place.file, { busyMs: 100, now: () => NOW });
    await store.values.set('stays', 'yes');
    for (const id of ['a', 'b']) await store.completions.insert(completion(id, { text: 'marmaladeWord' }));
    await store.events.put(learningEvent('a'));
    for (let attempt = 0, done = false; !done; attempt++) {
      assert.ok(attempt < 20);
      done = await store.delete({ scope: 'all' }).then(
        () => true,
        () => false,
      );
    }
    await store.completions.insert(completion('next'));
    await store.close();
    watched.delete(place.file);
    // What the fault was in the way of the next start does.
    const next = await openStore(place.file, { now: () => NOW });
    await next.finishDeletion();
    await next.emptyLog();
    await next.close();
    const db = await original.open.call(Connection, place.file, 1_000);
    assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    const rows = await db.all<{ seq: number; id: string }>('SELECT seq, id FROM completions');
    assert.deepEqual(
      rows.map(({ id }) => id),
      ['next'],
    );
    assert.ok(rows[0]!.seq > 2, 'numbers are not given twice');
    assert.deepEqual(await db.all('SELECT count(*) AS n FROM events'), [{ n: 0 }]);
    assert.deepEqual(await db.all("SELECT value FROM settings WHERE key = 'stays'"), [{ value: 'yes' }]);
    await db.close();
    assert.ok(!readFileSync(place.file).toString('latin1').includes('marmaladeWord'));
  } catch (error) {
    throw new Error(`${JSON.stringify(fault)}: ${(error as Error).stack}`);
  } finally {
    watched.delete(place.file);
    place.remove();
  }
  return watch.calls;
}

async function tell(fault: Fault): Promise<number> {
  const place = scratch(true);
  const watch = { calls: 0, fault };
  watched.set(place.file, watch);
  const stored = new Map<string, Set<string>>();
  let gone = '';
  const told: Told = {
    stored: (what, id) => stored.set(what, (stored.get(what) ?? new Set()).add(id)),
    deleting: (id) => {
      gone = id;
    },
    deleted: () => undefined,
    registered: () => undefined,
  };
  let store: FeedbackStore | null = null;
  try {
    store = await openStore(place.file, { busyMs: 100, now: () => NOW });
    await story(store, 's', NOW, told);
    // It goes on.
    await store.completions.insert(completion('next'));
    await store.close();
    watched.delete(place.file);
    await check(place.file, stored, gone);
  } catch (error) {
    throw new Error(`${JSON.stringify(fault)}: ${(error as Error).stack}`);
  } finally {
    watched.delete(place.file);
    place.remove();
  }
  return watch.calls;
}

async function check(file: string, stored: Map<string, Set<string>>, gone: string): Promise<void> {
  const db = await original.open.call(Connection, file, 1_000);
  assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  const count = async (sql: string) => (await db.get<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`))!.n;
  const of = (id: string) => `JOIN completions c USING(seq) WHERE c.id = '${id}'`;
  for (const id of stored.get('completion')!)
    assert.equal(await count(`completions WHERE id = '${id}'`), id === gone ? 0 : 1, id);
  assert.equal(await count("completions WHERE id = 'next'"), 1);
  for (const id of stored.get('outcome')!)
    assert.equal(await count(`outcomes ${of(id)}`), id === gone ? 0 : 2, id);
  for (const id of stored.get('event')!) {
    assert.equal(await count(`events ${of(id)}`), id === gone ? 0 : 1, id);
    if (id !== gone)
      assert.equal(await count(`events e ${of(id)} AND e.status = 'trained'`), 1, `${id} is learned`);
  }
  for (const id of stored.get('kept')!) assert.equal(await count(`kept ${of(id)}`), 1);
  for (const id of stored.get('feedback')!) assert.equal(await count(`feedback ${of(id)}`), 1);
  for (const id of stored.get('comment')!)
    assert.equal(await count(`events e ${of(id)} AND e.words = '${id}Words'`), 1);
  assert.equal(await count('round_events WHERE learned = 1'), 2);
  assert.equal(await count('adapters WHERE active = 1'), 1);
  assert.equal(await count("completions WHERE id = 's-2' AND code = 0"), 1, 'nobody saw it for two days');
  // The tallies are what counting would give.
  assert.equal((await db.get<{ n: number }>('SELECT sum(n) AS n FROM tally'))!.n, await count('completions'));
  await db.close();
}

describe('a fault at the door to SQLite', function () {
  this.timeout(300_000);
  const stories = { 'a day': tell, 'a deletion of everything': deleteAll };
  before(watchTheDoor);
  after(leaveTheDoor);

  for (const [name, run] of Object.entries(stories))
    for (const kind of ['before', 'after', 'long'] as const)
      it(`at every call of ${name} in turn (${kind}) loses nothing, doubles nothing, and the store goes on`, async () => {
        const calls = await run(null);
        assert.ok(calls > 30, `${calls} calls`);
        let next = 1;
        await Promise.all(
          Array.from({ length: 16 }, async () => {
            while (next <= calls) {
              const at = next++;
              await run({ at, kind, code: ERRORS[at % ERRORS.length]! });
            }
          }),
        );
      });
});
