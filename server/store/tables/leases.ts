/** Leases: what only one process at a time may do. */
import type { Database } from '../database';
import type { Connection } from '../sqlite';

export class Leases {
  constructor(private readonly database: Database) {}

  /** True if `holder` has the lease for `ttlMs` from now: it was free, run out, or its own. */
  take(name: string, holder: string, ttlMs: number): Promise<boolean> {
    return this.database.writeNow((db) => takeLease(db, name, holder, ttlMs, this.database.now()));
  }

  release(name: string, holder: string): Promise<void> {
    return this.database.writeNow((db) => releaseLease(db, name, holder));
  }
}

async function takeLease(
  db: Connection,
  name: string,
  holder: string,
  ttlMs: number,
  now: number,
): Promise<boolean> {
  const taken = await db.run(
    `INSERT INTO leases(name, holder, until) VALUES(?1, ?2, ?3)
       ON CONFLICT(name) DO UPDATE SET holder = ?2, until = ?3 WHERE holder = ?2 OR until <= ?4`,
    name,
    holder,
    now + ttlMs,
    now,
  );
  return taken.changes > 0;
}

async function releaseLease(db: Connection, name: string, holder: string): Promise<void> {
  await db.run('DELETE FROM leases WHERE name = ? AND holder = ?', name, holder);
}
