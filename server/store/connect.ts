/** Connections as the store wants them: write-ahead log, full synchronisation, deleted rows overwritten, schema up to date. */
import { migrate, refuseNewer } from './schema';
import { Connection } from './sqlite';

/** A writable or (WAL's reader needs the same) read-only-by-pragma connection at the current schema. */
export async function connect(path: string, busyMs: number, reader: boolean): Promise<Connection> {
  const db = await Connection.open(path, busyMs);
  try {
    await refuseNewer(db, path);
    if (!reader) {
      await db.exec('PRAGMA auto_vacuum = INCREMENTAL');
      await untilFree(() => db.exec('PRAGMA journal_mode = WAL'), busyMs);
      await db.exec(
        'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;',
      );
      await migrate(db, path);
    }
    await db.exec(`PRAGMA cache_size = -16000;${reader ? ' PRAGMA query_only = ON;' : ''}`);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The switch to WAL does not honour the busy timeout. */
async function untilFree(work: () => Promise<void>, busyMs: number): Promise<void> {
  for (const start = Date.now(); ; ) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY' || Date.now() - start > busyMs) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
