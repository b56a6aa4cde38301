/** Completions with their outcomes, kept texts and feedback. */
import type { OutcomeKind } from '../../protocol/types';
import { packFloats, packIds, signalBits, unpackFloats, unpackIds } from '../codec';
import type { CompletionRecord, FeedbackRecord, KeptRecord, OutcomeRecord, StandingRecord } from '../records';
import type { Connection } from '../sqlite';

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

/** Storing the same id again changes nothing: a retried message is no second completion. */
export async function insertCompletion(db: Connection, c: CompletionRecord): Promise<void> {
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
    `INSERT INTO bodies(seq, character, text, model_hash, adapter, latency_ms, prefix, suffix, prompt_ids,
       response_ids, log_probs) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    added.id,
    c.character,
    c.text,
    c.modelHash,
    c.adapter,
    c.latencyMs,
    c.prefix,
    c.suffix,
    packIds(c.promptIds),
    packIds(c.responseIds),
    packFloats(c.responseLogProbs),
  );
}

const TAKEN = new Set<OutcomeKind>(['accepted', 'accepted-partially', 'typed-through']);

/** All outcomes are kept, a repeated message once; the panel's one is the latest, and "shown" never replaces what the developer did. */
export async function insertOutcome(db: Connection, o: OutcomeRecord): Promise<void> {
  const seq = await seqOf(db, o.completionId);
  await db.run(
    `INSERT INTO outcomes(seq, kind, confidence, at, accepted_length) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS(
       SELECT 1 FROM outcomes WHERE seq = ?1 AND kind = ?2 AND at = ?4 AND accepted_length IS ?5)`,
    seq,
    o.kind,
    o.confidence,
    o.at,
    o.acceptedLength,
  );
  const seen = o.kind === 'ignored' || o.kind === 'superseded' ? 0 : 1;
  await db.run(
    `UPDATE completions SET shown = max(shown, ?), accepted = max(accepted, ?) WHERE seq = ?`,
    seen,
    TAKEN.has(o.kind) ? 1 : 0,
    seq,
  );
  const free = o.kind === 'shown' ? "outcome = ''" : "(outcome = 'shown' OR outcome_at <= ?4)";
  await db.run(
    `UPDATE completions SET outcome = ?1, confidence = ?2, outcome_at = ?4 WHERE seq = ?3 AND ${free}`,
    o.kind,
    o.confidence,
    seq,
    o.at,
  );
}

export async function insertKept(db: Connection, k: KeptRecord): Promise<void> {
  const seq = await seqOf(db, k.completionId);
  await db.run(
    'INSERT INTO kept(seq, at, reason, text, distance) VALUES(?, ?, ?, ?, ?)',
    seq,
    k.at,
    k.reason,
    k.text,
    k.editDistance,
  );
  const latest = await db.run(
    'UPDATE bodies SET kept_text = ?1, kept_at = ?2 WHERE seq = ?3 AND coalesce(kept_at, 0) <= ?2',
    k.text,
    k.at,
    seq,
  );
  if (latest.changes > 0) {
    await db.run('UPDATE completions SET kept_rate = ? WHERE seq = ?', 1 - k.editDistance, seq);
  }
}

export async function insertFeedback(db: Connection, f: FeedbackRecord): Promise<void> {
  const seq = await seqOf(db, f.completionId);
  await db.run(
    `INSERT INTO feedback(seq, kind, at, text) SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS(
       SELECT 1 FROM feedback WHERE seq = ?1 AND kind = ?2 AND at = ?3 AND text = ?4)`,
    seq,
    f.kind,
    f.at,
    f.text,
  );
  await db.run('UPDATE completions SET signals = signals | ? WHERE seq = ?', signalBits([f.kind]), seq);
}

/** Looked at of one file, and answered, at most. */
const LOOKED_AT = 500;
const STANDING = 50;

export async function selectAcceptedIn(
  db: Connection,
  uri: string,
  since: number,
): Promise<StandingRecord[]> {
  return db.all<StandingRecord>(
    `SELECT c.id AS completionId, b.kept_text AS keptText, c.outcome_at AS at, (SELECT o.accepted_length FROM outcomes o
         WHERE o.seq = c.seq AND o.kind = c.outcome ORDER BY o.at DESC LIMIT 1) AS acceptedLength
       FROM (SELECT * FROM completions WHERE file IN (SELECT id FROM files WHERE uri = ?1) ORDER BY seq DESC LIMIT ${LOOKED_AT}) c
       JOIN bodies b ON b.seq = c.seq LEFT JOIN events e ON e.seq = c.seq
       WHERE c.outcome IN ('accepted', 'accepted-partially') AND c.outcome_at >= ?2 AND (e.seq IS NULL OR e.signals = ?3)
       ORDER BY c.seq DESC LIMIT ${STANDING}`,
    uri,
    since,
    signalBits(['kept']),
  );
}

export async function selectLastSeen(db: Connection): Promise<string | null> {
  const row = await db.get<{ id: string }>(
    `SELECT c.id FROM outcomes o JOIN completions c ON c.seq = o.seq
       WHERE o.kind IN ('shown', 'accepted', 'accepted-partially') ORDER BY o.rowid DESC LIMIT 1`,
  );
  return row?.id ?? null;
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
  prompt_ids: Buffer;
  response_ids: Buffer;
  log_probs: Buffer;
  text: string;
  model_hash: string;
  adapter: number | null;
  latency_ms: number;
}

export async function selectCompletion(db: Connection, id: string): Promise<CompletionRecord | null> {
  const row = await db.get<CompletionRow>(
    `SELECT c.id, c.created_at, f.uri, f.path, c.language, c.line, b.* FROM completions c
       JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = c.seq WHERE c.id = ?`,
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
