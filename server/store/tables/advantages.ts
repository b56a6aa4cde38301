/** What the teacher says of a completion's tokens, round by round. */
import type { TokenAdvantage } from '../../protocol/types';
import type { Database } from '../database';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export class Advantages {
  constructor(private readonly database: Database) {}

  /**
   * Replaces what an earlier round said of it.
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
  // The panel shows the latest; earlier rounds' would only grow.
  await db.run('DELETE FROM advantages WHERE seq = ?', seq);
  await db.run(
    'INSERT INTO advantages(seq, round, context, tokens) VALUES(?, ?, ?, ?)',
    seq,
    roundId,
    context,
    JSON.stringify(tokens),
  );
}
