/** What had become of accepted texts, look by look. */
import type { Database } from '../database';
import type { KeptRecord } from '../records';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export class Kept {
  constructor(private readonly database: Database) {}

  /**
   * A repeated message is stored once.
   * @throws UnknownCompletion
   */
  insert(record: KeptRecord): Promise<void> {
    return this.database.write((db) => insertKept(db, record), 200 + 2 * record.text.length);
  }
}

async function insertKept(db: Connection, k: KeptRecord): Promise<void> {
  const seq = await seqOf(db, k.completionId);
  await db.run(
    `INSERT INTO kept(seq, at, reason, text, distance) SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS(
       SELECT 1 FROM kept WHERE seq = ?1 AND at = ?2 AND reason = ?3 AND text = ?4)`,
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
