/**
 * Pieces of a deleted file that prompts in other files showed. Any completion may hold some, so all are looked through: a few
 * at a time, and where a process dies meanwhile the next one goes on.
 */
import type { Connection } from './sqlite';

/** What is still to be looked through, as JSON. */
const CONTEXTS = 'data.contexts';
/** A step is to take about so long, in ms. */
const STEP_MS = 10;
const FIRST_ROWS = 256;
const MOST_ROWS = 65_536;

interface Forgotten {
  uri: string;
  path: string;
  /** Numbers of completions: looked through up to here, and until there. */
  done: number;
  last: number;
}

/** Inside the transaction that deletes the file. */
export async function forgetContexts(db: Connection, uri: string): Promise<void> {
  const file = await db.get<{ path: string }>('SELECT path FROM files WHERE uri = ?', uri);
  const most = await db.get<{ last: number | null }>('SELECT max(seq) AS last FROM bodies');
  if (!file || !most?.last) return;
  await put(db, [...(await waiting(db)), { uri, path: file.path, done: 0, last: most.last }]);
}

/** Looks through what is left to be looked through. Any number of processes may do so at once. */
export class Forgetting {
  private rows = FIRST_ROWS;
  /** Files that are forgotten now. */
  readonly uris: string[] = [];

  /**
   * One small step, inside the caller's transaction.
   * @returns whether there are more
   */
  async step(db: Connection): Promise<boolean> {
    const list = await waiting(db);
    const began = performance.now();
    while (list.length > 0 && performance.now() - began < STEP_MS) {
      const [first] = list as [Forgotten];
      const end = Math.min(first.last, first.done + this.rows);
      const since = performance.now();
      await db.run(
        `UPDATE bodies SET context = '', prompt_ids = x''
           WHERE seq > ? AND seq <= ? AND context <> '' AND instr(context, ?) > 0`,
        first.done,
        end,
        `"path":${JSON.stringify(first.path)}`,
      );
      const took = performance.now() - since;
      if (took > STEP_MS / 2) this.rows = Math.max(1, this.rows >> 1);
      else if (took < STEP_MS / 8) this.rows = Math.min(MOST_ROWS, this.rows << 1);
      first.done = end;
      if (end >= first.last) this.uris.push(list.shift()!.uri);
      await put(db, list);
    }
    return list.length > 0;
  }
}

async function waiting(db: Connection): Promise<Forgotten[]> {
  const row = await db.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', CONTEXTS);
  return row ? (JSON.parse(row.value) as Forgotten[]) : [];
}

async function put(db: Connection, list: readonly Forgotten[]): Promise<void> {
  if (list.length === 0) await db.run('DELETE FROM settings WHERE key = ?', CONTEXTS);
  else
    await db.run('INSERT OR REPLACE INTO settings(key, value) VALUES(?, ?)', CONTEXTS, JSON.stringify(list));
}
