/** What the teacher says of a completion's tokens, round by round. */
import type { TokenAdvantage } from '../../protocol/types';
import type { Database } from '../database';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export class Advantages {
  constructor(private readonly database: Database) {}

  /**
   * Replaces what the same round said of it.
   * @throws UnknownCompletion
   */
  put(
    completionId: string,
    roundId: number | null,
    context: string,
    tokens: TokenAdvantage[],
  ): Promise<void> {
    return this.database.write(
      (db) => insertAdvantages(db, completionId, roundId, context, tokens),
      100 * tokens.length,
    );
  }
}

async function insertAdvantages(
  db: Connection,
  completionId: string,
  roundId: number | null,
  context: string,
  tokens: TokenAdvantage[],
): Promise<void> {
  const seq = await seqOf(db, completionId);
  await db.run('DELETE FROM advantages WHERE seq = ? AND round IS ?', seq, roundId);
  await db.run(
    'INSERT INTO advantages(seq, round, context, tokens) VALUES(?, ?, ?, ?)',
    seq,
    roundId,
    context,
    JSON.stringify(tokens),
  );
}
