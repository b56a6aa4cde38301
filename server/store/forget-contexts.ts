/**
 * Pieces of a deleted file that prompts in other files showed. Any completion may hold some, so all are looked through: a few
 * at a time, and where a process dies meanwhile the next one goes on.
 */
import { Pace, pending, STEP_MS, setPending } from './small-steps';
import type { Connection } from './sqlite';

/** What is still to be looked through, as JSON. */
const CONTEXTS = 'data.contexts';
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
  const list = await pending<Forgotten>(db, CONTEXTS);
  await setPending(db, CONTEXTS, [...list, { uri, path: file.path, done: 0, last: most.last }]);
}

/** Looks through what is left to be looked through. Any number of processes may do so at once. */
export class Forgetting {
  private readonly pace = new Pace(FIRST_ROWS, MOST_ROWS);
  /** Files that are forgotten now. */
  readonly uris: string[] = [];

  /**
   * One small step, inside the caller's transaction.
   * @returns whether there are more
   */
  async step(db: Connection): Promise<boolean> {
    const list = await pending<Forgotten>(db, CONTEXTS);
    const began = performance.now();
    while (list.length > 0 && performance.now() - began < STEP_MS) {
      const [first] = list as [Forgotten];
      const end = Math.min(first.last, first.done + this.pace.rows);
      const since = performance.now();
      await db.run(
        `UPDATE bodies SET context = '', prompt_ids = x''
           WHERE seq > ? AND seq <= ? AND context <> '' AND instr(context, ?) > 0`,
        first.done,
        end,
        `"path":${JSON.stringify(first.path)}`,
      );
      this.pace.took(performance.now() - since);
      first.done = end;
      if (end >= first.last) this.uris.push(list.shift()!.uri);
      await setPending(db, CONTEXTS, list);
    }
    return list.length > 0;
  }
}
