/**
 * Databases of every released schema, written by the code of that time, come to the present with all they hold. Whoever
 * appends a step adds a file of the schema before it: see CONTRIBUTING.md.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate, SCHEMA_VERSION, steps } from '../../../server/store/schema';
import { Connection, StoreError } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { completion, learningEvent, scratch } from './records';

const fileOf = (version: number) => join(__dirname, 'schemas', `schema-${version}.db`);

describe('a database of an earlier version', () => {
  let place: ReturnType<typeof scratch>;
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => place.remove());

  /** Tables, indexes and triggers, by name. */
  async function schemaOf(file: string): Promise<unknown> {
    const db = await Connection.open(file, 1_000);
    const found = await db.all<{ name: string; sql: string | null }>(
      "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
    );
    assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    assert.deepEqual(await db.all('PRAGMA foreign_key_check'), []);
    await db.close();
    return found;
  }

  for (let version = 1; version < SCHEMA_VERSION; version++) {
    it(`of schema ${version} keeps all it holds, and can do all that a new one can`, async () => {
      assert.ok(existsSync(fileOf(version)), `there is no database of schema ${version} to try`);
      copyFileSync(fileOf(version), place.file);
      const told: string[] = [];
      const store = await openStore(place.file, { onTrouble: (sentence) => told.push(sentence) });
      assert.equal(await store.completions.count(), 6);
      assert.equal((await store.completions.get('c5'))?.text, 'text 5é');
      const story = (await store.panel.story('c0'))!;
      assert.deepEqual(
        [
          story.outcome,
          story.keptText,
          story.status,
          story.signals,
          story.kept.length,
          story.feedback.length,
        ],
        ['accepted', 'kept text', 'trained', ['edited', 'words'], 1, 1],
      );
      assert.equal(story.advantages?.tokens[0]?.token, 'a');
      assert.deepEqual(story.gate, [{ name: 'gap', passed: true, value: 0.2, threshold: 0.1 }]);
      const event = (await store.events.of('c0'))!;
      assert.deepEqual(
        [event.solution, event.words, event.promptIds],
        ['kept text', 'use sum', [1, 2, 70_000]],
      );
      assert.equal(await store.events.count('ready'), 1);
      assert.equal((await store.panel.list({ path: '0.ts' }, 0, 9)).total, 3);
      assert.equal((await store.panel.list({ signal: 'words' }, 0, 9)).events[0]?.completionId, 'c0');
      const [round] = await store.rounds.list(1);
      assert.deepEqual([round?.state, round?.message], ['promoted', 'better']);
      const inUse = (await store.adapters.active('m'))!;
      assert.deepEqual([inUse.directory, inUse.roundId], ['adapters/0001', round!.id]);
      assert.deepEqual(await store.adapters.rollBack(inUse, null), ['c0'], 'what only this one had learned');
      assert.deepEqual(await store.events.learnAgain(null), ['c0']);
      assert.equal(await store.values.get('learning.paused'), '1');
      assert.deepEqual(
        (await store.panel.acceptance(3_600_000, 9)).map(({ shown, accepted }) => [shown, accepted]),
        [[4, 2]],
      );
      // And it goes on.
      await store.completions.insert(completion('new', { uri: 'file:///w/0.ts', path: '0.ts' }));
      await store.events.put(learningEvent('new'));
      assert.equal((await store.panel.list({ path: '0.ts' }, 0, 9)).total, 4);
      await store.tidy(0);
      assert.equal(await store.completions.get('c5'), null, 'nobody saw it');
      const gone = await store.delete({ scope: 'event', completionId: 'c0' });
      assert.deepEqual([gone.completions, gone.adapters.length], [1, 1]);
      await store.close();
      assert.deepEqual(told, []);
      const fresh = `${place.file}.fresh`;
      await (await openStore(fresh)).close();
      assert.deepEqual(await schemaOf(place.file), await schemaOf(fresh));
    });
  }

  it('brings an old database to the present', async () => {
    const old = `${place.file}-old`;
    const db = await Connection.open(old, 100);
    await migrate(db, old, steps.slice(0, 1));
    await db.exec(`INSERT INTO files VALUES(1, 'file:///a', 'a', 'go'), (2, 'file:///b', 'b', 'go');
      INSERT INTO completions(seq, id, created_at, file, language, line) VALUES(1, 'x', 1, 1, 'go', 0), (3000, 'y', 2, 2, 'go', 0);
      INSERT INTO bodies SELECT seq, 0, id, NULL, NULL, 'm', NULL, 1, '', '', x'', x'', x'' FROM completions;`);
    await db.close();
    const store = await openStore(old);
    await store.outcomes.insert({
      completionId: 'y',
      kind: 'shown',
      confidence: 'observed',
      at: 1,
      acceptedLength: null,
    });
    assert.deepEqual(
      (await store.panel.list({ path: 'b', outcome: 'shown' }, 0, 9)).events.map((e) => e.completionId),
      ['y'],
    );
    assert.equal((await store.panel.list({}, 0, 9)).total, 2);
    assert.equal((await store.delete({ scope: 'all' })).completions, 2);
    assert.equal((await store.panel.list({ path: 'a' }, 0, 9)).total, 0);
    await store.close();
  });

  it('leaves a newer version’s database untouched and says so', async () => {
    await (await openStore(place.file)).close();
    const db = await Connection.open(place.file, 100);
    await db.exec('PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE);');
    await db.close();
    const before = readFileSync(place.file);
    await assert.rejects(
      openStore(place.file),
      (error: Error) =>
        error instanceof StoreError && /newer version.*update the extension/.test(error.message),
    );
    assert.deepEqual(readFileSync(place.file), before);
  });
});
