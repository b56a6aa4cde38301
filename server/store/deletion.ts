/** "Delete My Data": rows go for good (secure_delete overwrites them; the log is emptied afterwards). */

import type { AdapterRecord } from './records';
import { startAnew } from './schema';
import type { Connection } from './sqlite';
import { selectAllAdapters, selectTainted } from './tables/adapters';
import { countCompletions } from './tables/completions';

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
  const adapters = await selectTainted(db);
  for (const adapter of adapters) {
    await db.run('DELETE FROM adapters WHERE id = ?', adapter.id);
  }
  await db.exec('DELETE FROM completions WHERE seq IN doomed; DELETE FROM doomed;');
  await db.exec('DELETE FROM files WHERE id NOT IN (SELECT file FROM completions);');
  return { completions: chosen.changes, adapters };
}
