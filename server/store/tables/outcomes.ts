/** What became of completions. */
import type { OutcomeKind } from '../../protocol/types';
import type { Database } from '../database';
import type { OutcomeRecord } from '../records';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export class Outcomes {
  constructor(private readonly database: Database) {}

  /** @throws UnknownCompletion */
  insert(record: OutcomeRecord): Promise<void> {
    return this.database.write((db) => insertOutcome(db, record));
  }

  /** The completion that was shown or accepted last; null where none was. */
  lastSeen(): Promise<string | null> {
    return this.database.read(selectLastSeen);
  }
}

const TAKEN = new Set<OutcomeKind>(['accepted', 'accepted-partially', 'typed-through']);

/** All outcomes are kept, a repeated message once; the panel's one is the latest, and "shown" never replaces what the developer did. */
async function insertOutcome(db: Connection, o: OutcomeRecord): Promise<void> {
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

async function selectLastSeen(db: Connection): Promise<string | null> {
  const row = await db.get<{ id: string }>(
    `SELECT c.id FROM outcomes o JOIN completions c ON c.seq = o.seq
       WHERE o.kind IN ('shown', 'accepted', 'accepted-partially') ORDER BY o.rowid DESC LIMIT 1`,
  );
  return row?.id ?? null;
}
