/**
 * The panel's list, in time that does not grow with the number of events. `tally` counts completions by block of
 * `BLOCK` sequence numbers and by everything one can filter on: the total is a sum over it, and an offset is found by
 * skipping whole blocks, so that at most a few blocks are read row by row.
 */
import type { EventFilter, EventSummary } from '../../protocol/types';
import { signalBits } from '../codec';
import { BLOCK } from '../schema';
import type { Connection, Value } from '../sqlite';
import { FROM, SUMMARY, type SummaryRow, toSummary } from './summary';

interface Clause {
  sql: string;
  values: Value[];
}

/** The filter as conditions on columns that tallies and completions share by name. */
function clauseOf(filter: EventFilter, withLanguage: boolean): Clause {
  const parts: string[] = [];
  const values: Value[] = [];
  const add = (sql: string, value: Value) => {
    parts.push(sql);
    values.push(value);
  };
  if (filter.signal) {
    add('signals & ? != 0', signalBits([filter.signal]));
  }
  if (filter.outcome) {
    add('outcome = ?', filter.outcome);
  }
  if (filter.status) {
    add('status = ?', filter.status);
  }
  if (withLanguage && filter.languageId) {
    add('language = ?', filter.languageId);
  }
  return { sql: parts.length ? parts.join(' AND ') : '1', values };
}

/** Files the path and language filters leave; null where they leave all (no path filter, or one that every file passes). */
async function filesOf(db: Connection, filter: EventFilter): Promise<number[] | null> {
  if (!filter.path) {
    return null;
  }
  const files = await db.all<{ id: number; hit: number }>(
    'SELECT id, (instr(lower(path), lower(?1)) > 0) AS hit FROM files WHERE ?2 IS NULL OR language = ?2',
    filter.path,
    filter.languageId ?? null,
  );
  const hits = files.filter((file) => file.hit === 1);
  return hits.length === files.length ? null : hits.map((file) => file.id);
}

/** Where the list is short, it is taken from the index of files and sorted. */
const FEW = 3_000;

/** Newest first. `total` counts all that pass the filter. */
export async function selectPage(
  db: Connection,
  filter: EventFilter,
  offset: number,
  limit: number,
): Promise<{ total: number; events: EventSummary[]; languages: string[] }> {
  const files = await filesOf(db, filter);
  const start = Math.max(0, offset);
  const { total, seqs } = files
    ? await pageOfFiles(db, filter, files, start, limit)
    : await pageOfAll(db, filter, start, limit);
  const languages = await db.all<{ language: string }>(
    'SELECT DISTINCT language FROM files ORDER BY language',
  );
  return { total, events: await summaries(db, seqs), languages: languages.map((row) => row.language) };
}

interface Page {
  total: number;
  seqs: number[];
}

async function pageOfAll(db: Connection, filter: EventFilter, offset: number, limit: number): Promise<Page> {
  const { sql, values } = clauseOf(filter, true);
  const counts = await db.all<Block>(
    `SELECT block, sum(n) AS n FROM tally WHERE ${sql} GROUP BY block ORDER BY block DESC`,
    ...values,
  );
  const seqs = await walk(db, counts, { sql, values }, offset, limit, true);
  return { total: counts.reduce((sum, { n }) => sum + n, 0), seqs };
}

async function pageOfFiles(
  db: Connection,
  filter: EventFilter,
  files: number[],
  offset: number,
  limit: number,
): Promise<Page> {
  const list = JSON.stringify(files);
  const { sql, values } = clauseOf(filter, false);
  const inFiles = 'file IN (SELECT value FROM json_each(?))';
  const row = await db.get<{ n: number }>(
    `SELECT coalesce(sum(n), 0) AS n FROM file_kinds WHERE ${inFiles} AND ${sql}`,
    list,
    ...values,
  );
  const total = row!.n;
  if (offset >= total) {
    return { total, seqs: [] };
  }
  if (total <= FEW) {
    const rows = await db.all<{ seq: number }>(
      `SELECT seq FROM completions INDEXED BY completions_file WHERE ${inFiles} AND ${sql}
         ORDER BY seq DESC LIMIT ? OFFSET ?`,
      list,
      ...values,
      limit,
      offset,
    );
    return { total, seqs: rows.map((r) => r.seq) };
  }
  const counts = await db.all<Block>(
    `SELECT block, sum(n) AS n FROM file_blocks WHERE ${inFiles} GROUP BY block ORDER BY block DESC`,
    list,
  );
  const clause = { sql: `${inFiles} AND ${sql}`, values: [list, ...values] };
  return { total, seqs: await walk(db, counts, clause, offset, limit, sql === '1') };
}

interface Block {
  block: number;
  n: number;
}

/**
 * Sequence numbers of a page, block by block from the newest. Where the counts are `exact`, blocks before the page are
 * skipped unread; otherwise (a path and more) they are counted on the way.
 */
async function walk(
  db: Connection,
  counts: Block[],
  clause: Clause,
  offset: number,
  limit: number,
  exact: boolean,
): Promise<number[]> {
  const seqs: number[] = [];
  let skip = offset;
  for (const { block, n } of counts) {
    if (seqs.length >= limit) {
      break;
    }
    if (exact && skip >= n) {
      skip -= n;
      continue;
    }
    const rows = await db.all<{ seq: number }>(
      `SELECT seq FROM completions NOT INDEXED WHERE seq >= ? AND seq < ? AND ${clause.sql} ORDER BY seq DESC
         LIMIT ?`,
      block * BLOCK,
      (block + 1) * BLOCK,
      ...clause.values,
      skip + limit - seqs.length,
    );
    seqs.push(...rows.slice(skip).map((row) => row.seq));
    skip = Math.max(0, skip - rows.length);
  }
  return seqs;
}

async function summaries(db: Connection, seqs: number[]): Promise<EventSummary[]> {
  const rows = await db.all<SummaryRow>(
    `SELECT ${SUMMARY} ${FROM} WHERE c.seq IN (SELECT value FROM json_each(?)) ORDER BY c.seq DESC`,
    JSON.stringify(seqs),
  );
  return rows.map(toSummary);
}
