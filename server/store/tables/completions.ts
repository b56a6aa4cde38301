/** Completions as they were offered. */
import { filePath } from '../../base/file-path';
import { SIGNAL_KINDS, SIGNALS } from '../../protocol/signals';
import {
  packContext,
  packFloats,
  packIds,
  signalBits,
  unpackContext,
  unpackFloats,
  unpackIds,
} from '../codec';
import type { Database } from '../database';
import type { CompletionRecord, StandingRecord } from '../records';
import type { Connection } from '../sqlite';

export class Completions {
  constructor(private readonly database: Database) {}

  /** Storing the same id again changes nothing: a retried message is no second completion. */
  insert(record: CompletionRecord): Promise<void> {
    const bytes = 2 * (record.prefix.length + record.suffix.length) + 8 * (record.promptIds.length + 64);
    return this.database.write((db) => insertCompletion(db, record), bytes);
  }

  /** Null where it is not stored, or its code is no longer. */
  get(id: string): Promise<CompletionRecord | null> {
    return this.database.read((db) => selectCompletion(db, id));
  }

  /** Accepted completions of a document since `since` from which nothing was learned yet, newest first, a bounded number. */
  acceptedIn(uri: string, since: number): Promise<StandingRecord[]> {
    return this.database.read((db) => selectAcceptedIn(db, uri, since));
  }

  /**
   * What was rejected and not taken after all, or got a thumb down, newest first: the end of the code before the cursor and the text.
   * @param characters of the code before the cursor, at most
   */
  rejected(characters: number, limit: number): Promise<{ prefix: string; text: string }[]> {
    return this.database.read((db) => selectRejected(db, characters, limit));
  }

  /** Folders of the projects that completions are stored of, as absolute paths or URIs, in order. */
  projects(): Promise<string[]> {
    return this.database.read(selectProjects);
  }

  /** How many are stored. */
  count(): Promise<number> {
    return this.database.read(countCompletions);
  }
}

/** The statement's own fault: a record that refers to a completion that is not (or no longer) stored. */
export class UnknownCompletion extends Error {
  constructor(readonly completionId: string) {
    super(`There is no stored completion ${completionId}.`);
    this.name = 'UnknownCompletion';
  }
}

/** @throws UnknownCompletion */
export async function seqOf(db: Connection, completionId: string): Promise<number> {
  const row = await db.get<{ seq: number }>('SELECT seq FROM completions WHERE id = ?', completionId);
  if (!row) {
    throw new UnknownCompletion(completionId);
  }
  return row.seq;
}

async function selectProjects(db: Connection): Promise<string[]> {
  const files = await db.all<{ uri: string; path: string }>(
    'SELECT DISTINCT uri, path FROM files WHERE EXISTS (SELECT 1 FROM completions WHERE completions.file = files.id AND completions.code = 1)',
  );
  return [...new Set(files.map(({ uri, path }) => projectOf(uri, path)))].sort();
}

/** The file's place without the part of it below the workspace's folder. */
function projectOf(uri: string, path: string): string {
  const whole = (filePath(uri) ?? decodedUri(uri)).split('\\').join('/');
  return whole.endsWith(`/${path}`)
    ? whole.slice(0, -path.length - 1)
    : whole.slice(0, whole.lastIndexOf('/'));
}

function decodedUri(uri: string): string {
  try {
    return decodeURI(uri);
  } catch {
    return uri;
  }
}

async function insertCompletion(db: Connection, c: CompletionRecord): Promise<void> {
  await db.run(
    'INSERT INTO files(uri, path, language) VALUES(?, ?, ?) ON CONFLICT DO UPDATE SET path = excluded.path',
    c.uri,
    c.path,
    c.languageId,
  );
  const added = await db.run(
    `INSERT INTO completions(id, created_at, file, language, line)
       SELECT ?, ?, id, language, ? FROM files WHERE uri = ? AND language = ? ON CONFLICT(id) DO NOTHING`,
    c.id,
    c.createdAt,
    c.line,
    c.uri,
    c.languageId,
  );
  if (added.changes === 0) {
    return;
  }
  await db.run(
    `INSERT INTO bodies(seq, character, text, model_hash, adapter, latency_ms, prefix, suffix, context, prompt_ids,
       response_ids, log_probs) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    added.id,
    c.character,
    c.text,
    c.modelHash,
    c.adapter,
    c.latencyMs,
    c.prefix,
    c.suffix,
    packContext(c.context),
    packIds(c.promptIds),
    packIds(c.responseIds),
    packFloats(c.responseLogProbs),
  );
}

/** Signals that teach nothing. */
const REPLAY = signalBits(SIGNAL_KINDS.filter((kind) => SIGNALS[kind].role === 'replay'));

/** Looked at of one file, and answered, at most. */
const LOOKED_AT = 500;
const STANDING = 50;

async function selectAcceptedIn(db: Connection, uri: string, since: number): Promise<StandingRecord[]> {
  return db.all<StandingRecord>(
    `SELECT c.id AS completionId, b.kept_text AS keptText, c.outcome_at AS at, (SELECT o.accepted_length FROM outcomes o
         WHERE o.seq = c.seq AND o.kind = c.outcome ORDER BY o.at DESC LIMIT 1) AS acceptedLength
       FROM (SELECT * FROM completions WHERE file IN (SELECT id FROM files WHERE uri = ?1) ORDER BY seq DESC LIMIT ${LOOKED_AT}) c
       JOIN bodies b ON b.seq = c.seq LEFT JOIN events e ON e.seq = c.seq
       WHERE c.outcome IN ('accepted', 'accepted-partially') AND c.outcome_at >= ?2 AND (e.seq IS NULL OR e.signals & ~?3 = 0)
       ORDER BY c.seq DESC LIMIT ${STANDING}`,
    uri,
    since,
    REPLAY,
  );
}

/** The newest outcomes that are looked through: as many as there are in some weeks. */
const OUTCOMES = 20_000;

function selectRejected(
  db: Connection,
  characters: number,
  limit: number,
): Promise<{ prefix: string; text: string }[]> {
  return db.all(
    `SELECT substr(b.prefix, -?1) AS prefix, b.text FROM completions c JOIN bodies b ON b.seq = c.seq
       WHERE c.code = 1 AND c.seq IN (
         SELECT seq FROM outcomes WHERE rowid > (SELECT max(rowid) FROM outcomes) - ${OUTCOMES} AND kind = 'rejected'
         EXCEPT SELECT seq FROM outcomes WHERE rowid > (SELECT max(rowid) FROM outcomes) - ${OUTCOMES}
           AND kind IN ('accepted', 'accepted-partially')
         UNION SELECT seq FROM feedback WHERE kind = 'thumbs' AND text = '-1')
       ORDER BY c.seq DESC LIMIT ?2`,
    characters,
    limit,
  );
}

interface CompletionRow {
  id: string;
  created_at: number;
  uri: string;
  path: string;
  language: string;
  line: number;
  character: number;
  prefix: string;
  suffix: string;
  context: string;
  prompt_ids: Buffer;
  response_ids: Buffer;
  log_probs: Buffer;
  text: string;
  model_hash: string;
  adapter: number | null;
  latency_ms: number;
}

async function selectCompletion(db: Connection, id: string): Promise<CompletionRecord | null> {
  const row = await db.get<CompletionRow>(
    `SELECT c.id, c.created_at, f.uri, f.path, c.language, c.line, b.* FROM completions c
       JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = c.seq WHERE c.id = ? AND c.code = 1`,
    id,
  );
  return row
    ? {
        id: row.id,
        createdAt: row.created_at,
        uri: row.uri,
        path: row.path,
        languageId: row.language,
        line: row.line,
        character: row.character,
        prefix: row.prefix,
        suffix: row.suffix,
        ...unpackContext(row.context),
        promptIds: unpackIds(row.prompt_ids),
        responseIds: unpackIds(row.response_ids),
        responseLogProbs: unpackFloats(row.log_probs),
        text: row.text,
        modelHash: row.model_hash,
        adapter: row.adapter,
        latencyMs: row.latency_ms,
      }
    : null;
}

/** Sum over the blocks of the tally: as many rows as there are kinds of completions, not completions. */
export async function countCompletions(db: Connection): Promise<number> {
  return (await db.get<{ n: number }>('SELECT coalesce(sum(n), 0) AS n FROM tally'))!.n;
}
