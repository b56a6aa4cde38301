/** Pieces of feedback as they came: test output, messages, words, kept texts. */
import { signalBits } from '../codec';
import type { Database } from '../database';
import type { FeedbackRecord } from '../records';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export class Feedback {
  constructor(private readonly database: Database) {}

  /** @throws UnknownCompletion */
  insert(record: FeedbackRecord): Promise<void> {
    return this.database.write((db) => insertFeedback(db, record), 200 + 2 * record.text.length);
  }
}

async function insertFeedback(db: Connection, f: FeedbackRecord): Promise<void> {
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
