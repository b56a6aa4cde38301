import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { Clearing } from '../../../server/store/anew';
import { connect } from '../../../server/store/connect';
import { deleteScope } from '../../../server/store/deletion';
import { migrate, SCHEMA_VERSION, steps } from '../../../server/store/schema';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';

const ROWS = 40;

async function fill(file: string, name: string, rows = ROWS): Promise<void> {
  const store = await openStore(file);
  for (let i = 0; i < rows; i += 100)
    await Promise.all(
      Array.from({ length: Math.min(100, rows - i) }, async (_, j) => {
        const id = `${name}${i + j}`;
        await store.completions.insert(completion(id, { prefix: 'marmaladeWord'.repeat(300) }));
        await store.events.put(learningEvent(id));
      }),
    );
  await store.close();
}

const schemaOf = async (file: string) => {
  const db = await Connection.open(file, 100);
  const rows = await db.all('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name');
  await db.close();
  return rows;
};

const bytesOf = (file: string) =>
  [file, `${file}-wal`].map((one) => (existsSync(one) ? readFileSync(one).toString('latin1') : '')).join('');

/** What a process leaves that is killed after so many transactions of a deletion of everything. */
async function killedAfter(file: string, transactions: number): Promise<boolean> {
  const db = await connect(file, 100, false);
  const clearing = new Clearing();
  let more = true;
  for (let n = 0; n < transactions && more; n++) {
    await db.exec('BEGIN IMMEDIATE');
    if (n === 0) await deleteScope(db, { scope: 'all' });
    else more = await clearing.step(db);
    await db.exec('COMMIT');
  }
  await db.close();
  return more;
}

describe('a deletion of everything', function () {
  this.timeout(60_000);
  let place: ReturnType<typeof scratch>;
  beforeEach(() => {
    place = scratch(true);
  });
  afterEach(() => place.remove());

  it('is whole after its first transaction, and goes on at the next start, wherever the process was killed', async () => {
    const fresh = `${place.file}.fresh`;
    await (await openStore(fresh)).close();
    for (const transactions of [1, 2, 3, 4, 6, 9, 99]) {
      const file = `${place.file}.${transactions}`;
      await fill(file, 'c');
      await killedAfter(file, transactions);
      // Deleted a second time before the first one is through.
      if (transactions === 2) {
        await fill(file, 'd');
        await killedAfter(file, 1);
      }
      const store = await openStore(file);
      assert.equal(await store.completions.count(), 0);
      assert.deepEqual(await store.panel.list({}, 0, 5), { total: 0, events: [], languages: [] });
      await store.completions.insert(completion('meanwhile'));
      await store.events.put(learningEvent('meanwhile'));
      await store.finishDeletion();
      await store.tidy(0);
      assert.equal(await store.events.count('ready'), 1);
      await store.close();
      assert.ok(!bytesOf(file).includes('marmaladeWord'), `${transactions}: deleted text lies in the file`);
      assert.deepEqual(await schemaOf(file), await schemaOf(fresh));
      const db = await Connection.open(file, 100);
      assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
      assert.deepEqual(await db.all('PRAGMA foreign_key_check'), []);
      const row = await db.get<{ seq: number }>('SELECT seq FROM completions');
      assert.ok(row!.seq > ROWS, 'numbers are not given twice');
      await db.close();
    }
  });

  it('lets another window write between its steps, and that window sees all or nothing', async () => {
    await fill(place.file, 'c', 2_000);
    const store = await openStore(place.file);
    const other = await openStore(place.file);
    let done = false;
    const deletion = store.delete({ scope: 'all' }).finally(() => {
      done = true;
    });
    const seen = new Set<number>();
    let writes = 0;
    while (!done) {
      await other.values.set('other', String(++writes));
      seen.add(await other.completions.count());
    }
    assert.equal((await deletion).completions, 2_000);
    assert.deepEqual(
      [...seen].filter((n) => n !== 0 && n !== 2_000),
      [],
    );
    assert.ok(writes > 5, `${writes} writes meanwhile`);
    await store.close();
    await other.close();
  });

  it('is brought to its end before a later schema changes the tables', async () => {
    const db = await Connection.open(place.file, 100);
    await db.exec('PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;');
    await migrate(db, place.file, steps.slice(0, 2));
    await db.exec(`INSERT INTO files VALUES(1, 'file:///a', 'a', 'go');
      INSERT INTO completions(seq, id, created_at, file, language, line) VALUES(1, 'x', 1, 1, 'go', 0);`);
    await db.exec('BEGIN IMMEDIATE');
    await deleteScope(db, { scope: 'all' });
    await db.exec('COMMIT');
    await db.close();
    const fresh = `${place.file}.fresh`;
    for (const file of [place.file, fresh]) await (await openStore(file)).close();
    assert.deepEqual(await schemaOf(place.file), await schemaOf(fresh));
    assert.ok(SCHEMA_VERSION > 2);
  });
});
