/** Kills a process at random moments of its stories, as `kill -9` and the system do, and checks what it leaves. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { random } from '../../../server/base/random';
import { connect } from '../../../server/store/connect';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { ROOT } from '../../root';

/** Longest life of a process after it has opened the database, in ms: some stories long. */
const LONGEST_MS = 60;
/** Stories that a process tells at once, each on a database of its own: one kill ends all of them, each somewhere else. */
export const STORIES = 4;
/** Databases are checked, and begun anew, after so many kills. */
const CHECKED_AFTER = 25;

export interface Killed {
  /** Processes that were killed. */
  kills: number;
  /** Stories that ended so. */
  stories: number;
  /** Of them before their database was open. */
  early: number;
  acknowledged: number;
}

/** @param folder for the databases and the bundle; the caller removes it */
export async function killAtRandom(kills: number, folder: string, seed: number): Promise<Killed> {
  const child = join(folder, 'kill-child.js');
  buildSync({
    entryPoints: [join(__dirname, 'kill-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    external: ['sqlite3'],
    logLevel: 'silent',
  });
  const source = random(seed);
  const sum: Killed = { kills: 0, stories: 0, early: 0, acknowledged: 0 };
  let lines: string[] = [];
  for (let i = 0; i < kills; i++) {
    const files = Array.from({ length: STORIES }, (_, n) =>
      join(folder, `${Math.floor(i / CHECKED_AFTER)}-${n}.db`),
    );
    const told = await one(
      child,
      files,
      `k${i}`,
      source.below(LONGEST_MS * 100) / 100,
      source.below(10) === 0,
    );
    lines.push(...told);
    sum.kills++;
    sum.stories += STORIES;
    sum.early += STORIES - told.filter((line) => line.endsWith(' open')).length;
    sum.acknowledged += told.length;
    if ((i + 1) % CHECKED_AFTER === 0 || i + 1 === kills) {
      for (const [n, file] of files.entries()) {
        const own = lines.filter((line) => line.startsWith(`${n} `)).map((line) => line.slice(2));
        await check(file, own);
      }
      lines = [];
    }
  }
  return sum;
}

/** Runs the child and kills it `life` ms after it has opened the first database, or (`early`) after it was started. */
function one(child: string, files: string[], name: string, life: number, early: boolean): Promise<string[]> {
  return new Promise((resolve) => {
    const process_ = spawn(process.execPath, [child, name, ...files], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_PATH: join(ROOT, 'node_modules') },
    });
    let out = '';
    let timer: NodeJS.Timeout | undefined;
    const die = (after: number) => {
      timer ??= setTimeout(() => process_.kill('SIGKILL'), after);
    };
    if (early) die(40 + life);
    process_.stdout.on('data', (chunk: Buffer) => {
      out += chunk;
      die(life);
    });
    // The last line may be cut off.
    process_.on('close', () => {
      clearTimeout(timer);
      resolve(out.split('\n').slice(0, -1));
    });
  });
}

/** Every id that was told of before everything was deleted, as if each had been deleted by itself. */
function spelledOut(lines: readonly string[]): string[] {
  const ids = new Set<string>();
  return lines.flatMap((line) => {
    const [what, id] = line.split(' ') as [string, string | undefined];
    if (id !== 'everything') {
      if (id) ids.add(what === 'adapter' ? `adapter ${id}` : id);
      return [line];
    }
    return [...ids].map((one) => `${what} ${one}`);
  });
}

const INDEXES = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql <> '' ORDER BY name";

/** Those of a database that nothing was deleted from. */
async function newIndexes(): Promise<unknown[]> {
  const db = await connect(':memory:', 0, false);
  const found = await db.all(INDEXES);
  await db.close();
  return found;
}

/** What was acknowledged is there once, what was deleted is not, nothing is half there, and the store goes on. */
async function check(file: string, told_: readonly string[]): Promise<void> {
  const lines = spelledOut(told_);
  const told = (what: string) =>
    lines.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  const trouble = lines.filter((line) => line.startsWith('trouble'));
  assert.deepEqual(trouble, []);
  assert.ok(told('completion').length > 0, 'nothing was told of this database');
  const store = await openStore(file, { onTrouble: (sentence) => assert.fail(sentence) });
  await store.values.set('alive', 'yes');
  await store.finishDeletion();
  await store.close();
  const db = await Connection.open(file, 1_000);
  assert.deepEqual(await db.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  assert.deepEqual(await db.all('PRAGMA foreign_key_check'), []);
  const deleting = new Set(told('deleting'));
  const counts = async (table: string) =>
    new Map(
      (
        await db.all<{ id: string; n: number }>(
          `SELECT c.id, count(*) AS n FROM ${table} t JOIN completions c USING(seq) GROUP BY c.seq`,
        )
      ).map(({ id, n }) => [id, n]),
    );
  const tables = {
    completion: 'bodies',
    kept: 'kept',
    feedback: 'feedback',
    event: 'events',
    outcome: 'outcomes',
  };
  for (const [what, table] of Object.entries(tables)) {
    const stored = await counts(table);
    const acknowledged = new Map<string, number>();
    for (const id of told(what)) acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1);
    for (const [id, n] of acknowledged) {
      if (deleting.has(id)) continue;
      const found = stored.get(id) ?? 0;
      assert.ok(found >= n, `${what} ${id} is lost: ${found} of ${n}`);
    }
    const most = what === 'outcome' ? 2 : 1;
    for (const [id, n] of stored) assert.ok(n <= most, `${what} ${id} is there ${n} times`);
  }
  for (const id of told('deleted'))
    assert.equal(
      (await db.all('SELECT 1 FROM completions WHERE id = ?', id)).length,
      0,
      `${id} is still there`,
    );
  for (const id of told('comment').filter((one) => !deleting.has(one))) {
    const row = await db.get<{ words: string }>(
      'SELECT words FROM events JOIN completions c USING(seq) WHERE c.id = ?',
      id,
    );
    assert.equal(row?.words, `${id}Words`);
  }
  const adapters = new Set((await db.all<{ id: number }>('SELECT id FROM adapters')).map(({ id }) => id));
  for (const id of told('adapter'))
    assert.ok(adapters.has(Number(id)) || deleting.has(`adapter ${id}`), `adapter ${id} is lost`);
  for (const id of told('deleted'))
    if (id.startsWith('adapter ')) assert.ok(!adapters.has(Number(id.slice(8))), `${id} is still there`);
  assert.deepEqual(await db.all("SELECT name FROM sqlite_schema WHERE name GLOB 'gone_*'"), []);
  assert.deepEqual(await db.all(INDEXES), await newIndexes());
  assert.ok((await db.all('SELECT 1 FROM adapters WHERE active = 1')).length <= 1);
  // No completion without a body, and the tallies are what counting gives.
  const one = async (sql: string) => (await db.get<{ n: number }>(sql))!.n;
  const completions = await one('SELECT count(*) AS n FROM completions');
  assert.equal(await one('SELECT count(*) AS n FROM bodies'), completions);
  assert.equal(await one('SELECT coalesce(sum(n), 0) AS n FROM tally'), completions);
  assert.equal(
    await one('SELECT coalesce(sum(n), 0) AS n FROM event_counts'),
    await one('SELECT count(*) AS n FROM events'),
  );
  await db.close();
}
