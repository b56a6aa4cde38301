/** "Delete My Data": rows go for good (secure_delete overwrites them; the log is emptied afterwards). */

import type { RoundSummary } from '../protocol/types';
import { startAnew } from './anew';
import { forgetContexts } from './forget-contexts';
import type { AdapterRecord } from './records';
import type { Connection } from './sqlite';
import { selectAllAdapters, selectTainted } from './tables/adapters';
import { countCompletions } from './tables/completions';
import { putValue } from './tables/values';

/** Set with every deletion until what unfinished rounds left on disk is gone too. */
export const SWEEP = 'data.sweep';

export type Scope = { scope: 'all' | 'file' | 'event'; uri?: string; completionId?: string };

/**
 * Deletes completions with all that hangs on them. Adapters that learned from them (or grew from one that did) are taken
 * off the list, so none of them is in use any more; the caller removes their folders or trains anew.
 */
export async function deleteScope(
  db: Connection,
  scope: Scope,
): Promise<{ completions: number; adapters: AdapterRecord[] }> {
  if (scope.scope === 'file' && !scope.uri) {
    throw new Error('Deleting the feedback of a file needs its uri.');
  }
  if (scope.scope === 'event' && !scope.completionId) {
    throw new Error('Deleting one completion needs its id.');
  }
  await putValue(db, SWEEP, '1');
  if (scope.scope === 'all') {
    const gone = { completions: await countCompletions(db), adapters: await selectAllAdapters(db) };
    await startAnew(db);
    return gone;
  }
  await db.exec('CREATE TEMP TABLE IF NOT EXISTS doomed(seq INTEGER PRIMARY KEY); DELETE FROM doomed;');
  const chosen =
    scope.scope === 'file'
      ? await db.run(
          'INSERT INTO doomed SELECT c.seq FROM completions c JOIN files f ON f.id = c.file WHERE f.uri = ?',
          scope.uri!,
        )
      : await db.run('INSERT INTO doomed SELECT seq FROM completions WHERE id = ?', scope.completionId!);
  if (scope.scope === 'file') await forgetContexts(db, scope.uri!);
  const adapters = await selectTainted(db);
  await silenceRounds(db);
  for (const adapter of adapters) {
    await db.run('DELETE FROM adapters WHERE id = ?', adapter.id);
  }
  await db.exec('DELETE FROM completions WHERE seq IN doomed; DELETE FROM doomed;');
  await db.exec('DELETE FROM files WHERE id NOT IN (SELECT file FROM completions);');
  return { completions: chosen.changes, adapters };
}

/** What rounds say of what they read may quote it. Rounds from before links were kept for all of them might as well. */
async function silenceRounds(db: Connection): Promise<void> {
  const rounds = await db.all<{ id: number; summary: string }>(`
    SELECT id, summary FROM rounds WHERE id IN (
        SELECT r.round FROM doomed d JOIN events e ON e.seq = d.seq JOIN round_events r ON r.event = e.id)
      OR id NOT IN (SELECT round FROM round_events)`);
  for (const { id, summary } of rounds) {
    const round = JSON.parse(summary) as RoundSummary;
    const decisions = round.decisions.map((decision) => ({ ...decision, note: '' }));
    const silent = { ...round, decisions, message: 'Feedback that this round had read was deleted.' };
    await db.run('UPDATE rounds SET summary = ? WHERE id = ?', JSON.stringify(silent), id);
  }
}
