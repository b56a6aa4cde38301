/** Long work on the database in steps that nobody waits for long: how many rows at a time, and what is still to be done. */
import type { Connection } from './sqlite';

/** A step is to take about so long, in ms, and its commit as long again: together less than another window may wait. */
export const STEP_MS = 10;

/** How many rows go at a time, by how long the last ones took. */
export class Pace {
  constructor(
    public rows: number,
    private readonly most: number,
  ) {}

  /** @param ms that `rows` rows took */
  took(ms: number): void {
    if (ms > STEP_MS / 2) this.rows = Math.max(1, this.rows >> 1);
    else if (ms < STEP_MS / 8) this.rows = Math.min(this.most, this.rows << 1);
  }
}

/** What is still to be done, kept with the settings: a process that dies leaves it to the next one. */
export async function pending<T>(db: Connection, key: string): Promise<T[]> {
  const row = await db.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', key);
  return row ? (JSON.parse(row.value) as T[]) : [];
}

export async function setPending<T>(db: Connection, key: string, list: readonly T[]): Promise<void> {
  if (list.length === 0) await db.run('DELETE FROM settings WHERE key = ?', key);
  else await db.run('INSERT OR REPLACE INTO settings(key, value) VALUES(?, ?)', key, JSON.stringify(list));
}
