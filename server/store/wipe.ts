/** What deletion leaves outside the tables: pages in the log and free pages in the file. */
import type { Connection } from './sqlite';

/**
 * Empties the write-ahead log, where old pages still lie, and gives the free pages back. Another process' open reader can
 * delay it: tried a few times.
 * @returns false where the log could not be emptied yet.
 */
export async function wipeTraces(db: Connection): Promise<boolean> {
  await db.exec('PRAGMA incremental_vacuum');
  for (let attempt = 0; attempt < 5; attempt++) {
    const row = await db.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (row?.busy === 0) {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50 << attempt));
  }
  return false;
}
