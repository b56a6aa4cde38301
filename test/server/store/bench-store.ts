/**
 * How long the store takes with many events: `node --import tsx test/server/store/bench-store.ts [events] [file]`.
 * Fills a database (or uses the file as it is), then times the panel's queries and single writes. Prints a table in ms.
 */
import { existsSync, statSync } from 'node:fs';
import type { EventFilter } from '../../../server/protocol/types';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { quantile } from '../../bench/quantile';
import { completion, learningEvent, scratch } from './records';

const FILES = 2_000;

/** `count` completions over a year and 2,000 files, with outcomes, kept texts and learning events in likely shares. */
async function fill(file: string, count: number): Promise<void> {
  await (await openStore(file)).close();
  const db = await Connection.open(file, 5_000);
  await db.exec(
    'PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -200000; BEGIN;',
  );
  await db.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO files SELECT i, 'file:///w/src/part' || (i / 40) || '/file' || i, 'src/part' || (i / 40) || '/file' || i,
         CASE i % 4 WHEN 0 THEN 'python' WHEN 1 THEN 'go' ELSE 'typescript' END FROM n`,
    FILES,
  );
  // A developer stays in a file for a while: some 40 completions in a row.
  await db.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO completions(seq, id, created_at, file, language, line, outcome, confidence, outcome_at, shown, accepted,
         kept_rate, signals, status)
       SELECT i, 'c' || i, 1700000000000 + i * 31536000, f.id, f.language, i % 500,
         CASE WHEN i % 10 < 3 THEN 'accepted' WHEN i % 10 < 5 THEN 'rejected' WHEN i % 10 < 8 THEN 'shown' ELSE 'superseded' END,
         'inferred', 1, 1, i % 10 < 3, CASE WHEN i % 10 < 3 THEN 0.9 END,
         CASE i % 40 WHEN 0 THEN 1 WHEN 10 THEN 3 WHEN 20 THEN 64 ELSE 0 END,
         CASE i % 40 WHEN 0 THEN 'trained' WHEN 10 THEN 'ready' WHEN 20 THEN 'dropped' ELSE '' END
       FROM n JOIN files f ON f.id = 1 + (i / 40 * 7919) % ${FILES}`,
    count,
  );
  await db.exec(
    `INSERT INTO bodies(seq, character, text, kept_text, kept_at, model_hash, adapter, latency_ms, prefix, suffix, prompt_ids,
       response_ids, log_probs)
     SELECT seq, 4, 'return value' || seq || ';', NULL, NULL, 'm', NULL, 20, zeroblob(0) || hex(randomblob(100)),
       'suffix', x'0100000002000000', x'01000000', x'00000000' FROM completions;
     INSERT INTO events(seq, created_at, updated_at, text, solution, signals, weight, status)
       SELECT seq, created_at, created_at, 'a', 'b', signals, 1, status FROM completions WHERE status != '';
     COMMIT; PRAGMA journal_mode = WAL;`,
  );
  await db.close();
}

async function time(name: string, work: () => Promise<unknown>, runs = 30): Promise<void> {
  const took: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    took.push(performance.now() - start);
  }
  const at = (share: number) => quantile(took, share).toFixed(1).padStart(8);
  console.log(`${name.padEnd(44)} median ${at(0.5)}  p95 ${at(0.95)}  worst ${at(1)}`);
}

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 1_000_000);
  const place = scratch();
  const file = process.argv[3] ?? place.file;
  if (!existsSync(file)) {
    const start = Date.now();
    await fill(file, count);
    console.log(
      `filled with ${count} in ${((Date.now() - start) / 1_000).toFixed(0)} s, ${(statSync(file).size / 1e6).toFixed(0)} MB`,
    );
  }
  const store = await openStore(file);
  const total = await store.completions.count();
  const pages: [string, EventFilter, number][] = [
    ['first page', {}, 0],
    ['middle page', {}, Math.floor(total / 2)],
    ['last page', {}, total - 50],
    ['by signal', { signal: 'edited' }, 0],
    ['by signal, deep', { signal: 'edited' }, Math.floor(total / 40)],
    ['by language', { languageId: 'python' }, Math.floor(total / 8)],
    ['by outcome and status', { outcome: 'accepted', status: 'ready' }, 5_000],
    ['by path, one file', { path: 'file1234' }, 0],
    ['by path, a folder', { path: 'part17/' }, 500],
    ['by path, half of all', { path: '1' }, Math.floor(total / 4)],
    ['by path, none', { path: 'nowhere' }, 0],
    ['by path, language and outcome', { path: 'part3', languageId: 'go', outcome: 'rejected' }, 100],
  ];
  for (const [name, filter, offset] of pages) {
    await time(`list ${name}`, () => store.panel.list(filter, offset, 50));
  }
  await time('story', () => store.panel.story(`c${Math.floor(total / 3)}`));
  await time('acceptance by day, a year', () => store.panel.acceptance(86_400_000, 365));
  await time('acceptance by hour, a week', () => store.panel.acceptance(3_600_000, 168));
  await time('acceptance by 10 minutes, a day', () => store.panel.acceptance(600_000, 144));
  await time('count ready events', () => store.events.count('ready'));
  await time('count completions', () => store.completions.count());
  await time('read 64 ready events', () => store.events.list({ statuses: ['ready'], limit: 64 }));
  let id = Date.now();
  await time(
    'write a completion',
    () => store.completions.insert(completion(`new${++id}`, { createdAt: id })),
    200,
  );
  await time(
    'write an outcome',
    () =>
      store.outcomes.insert({
        completionId: `new${id}`,
        kind: 'accepted',
        confidence: 'observed',
        at: id,
        acceptedLength: null,
      }),
    200,
  );
  await time('write a learning event', () => store.events.put(learningEvent(`new${id}`)), 200);
  await time('delete one completion', () => store.delete({ scope: 'event', completionId: `new${id--}` }), 5);
  await time('delete a file', () => store.delete({ scope: 'file', uri: 'file:///w/src/part3/file120' }), 1);
  await time('delete all', () => store.delete({ scope: 'all' }), 1);
  console.log(`${statSync(file).size} bytes are left`);
  await store.close();
  place.remove();
}

void main();
