/**
 * What the feedback panel asks, in time that does not grow with the number of events. `tally` counts completions by block of
 * `BLOCK` sequence numbers and by everything one can filter on: the total is a sum over it, and an offset is found by
 * skipping whole blocks, so that at most a few blocks are read row by row.
 */
import type {
  Confidence,
  EventFilter,
  EventStatus,
  EventStory,
  EventSummary,
  OutcomeKind,
  SignalKind,
  TokenAdvantage,
} from '../../protocol/types';
import { signalBits, signalsOf } from '../codec';
import { BLOCK } from '../schema';
import type { Connection, Value } from '../sqlite';

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

interface SummaryRow {
  seq: number;
  id: string;
  created_at: number;
  uri: string;
  path: string;
  language: string;
  line: number;
  text: string;
  outcome: string;
  confidence: Confidence | null;
  kept_text: string | null;
  signals: number;
  status: string;
  reason: string | null;
}

function toSummary(row: SummaryRow): EventSummary {
  return {
    completionId: row.id,
    createdAt: row.created_at,
    uri: row.uri,
    path: row.path,
    languageId: row.language,
    line: row.line,
    text: row.text,
    outcome: (row.outcome || null) as OutcomeKind | null,
    confidence: row.confidence,
    keptText: row.kept_text,
    signals: signalsOf(row.signals),
    status: (row.status || null) as EventStatus | null,
    reason: row.reason,
  };
}

const SUMMARY = `c.seq, c.id, c.created_at, f.uri, f.path, c.language, c.line, b.text, c.outcome, c.confidence,
  b.kept_text, c.signals, c.status, e.reason`;
const FROM = `FROM completions c JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = c.seq
  LEFT JOIN events e ON e.seq = c.seq`;

async function summaries(db: Connection, seqs: number[]): Promise<EventSummary[]> {
  const rows = await db.all<SummaryRow>(
    `SELECT ${SUMMARY} ${FROM} WHERE c.seq IN (SELECT value FROM json_each(?)) ORDER BY c.seq DESC`,
    JSON.stringify(seqs),
  );
  return rows.map(toSummary);
}

type StoryRow = SummaryRow & {
  prefix: string;
  suffix: string;
  adapter: number | null;
  model_hash: string;
  latency_ms: number;
  gates: string | null;
};

export async function selectStory(db: Connection, completionId: string): Promise<EventStory | null> {
  const row = await db.get<StoryRow>(
    `SELECT ${SUMMARY}, b.prefix, b.suffix, b.adapter, b.model_hash, b.latency_ms, e.gates ${FROM} WHERE c.id = ?`,
    completionId,
  );
  if (!row) {
    return null;
  }
  const outcomes = await db.all<{ kind: OutcomeKind; confidence: Confidence; at: number }>(
    'SELECT kind, confidence, at FROM outcomes WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const kept = await db.all<{ at: number; reason: string; text: string; distance: number }>(
    'SELECT at, reason, text, distance FROM kept WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const feedback = await db.all<{ kind: SignalKind; at: number; text: string }>(
    'SELECT kind, at, text FROM feedback WHERE seq = ? ORDER BY at, rowid',
    row.seq,
  );
  const advantages = await db.get<{ round: number | null; context: string; tokens: string }>(
    'SELECT round, context, tokens FROM advantages WHERE seq = ? ORDER BY rowid DESC LIMIT 1',
    row.seq,
  );
  return {
    ...toSummary(row),
    prefix: row.prefix,
    suffix: row.suffix,
    adapter: row.adapter,
    modelHash: row.model_hash,
    latencyMs: row.latency_ms,
    outcomes,
    kept: kept.map((k) => ({
      at: k.at,
      afterMs: k.at - row.created_at,
      reason: k.reason,
      text: k.text,
      editDistance: k.distance,
    })),
    feedback,
    gate: row.gates ? (JSON.parse(row.gates) as EventStory['gate']) : [],
    advantages:
      (advantages && {
        roundId: advantages.round,
        context: advantages.context,
        tokens: JSON.parse(advantages.tokens) as TokenAdvantage[],
      }) ||
      null,
  };
}
