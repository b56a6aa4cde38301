/**
 * What is stored does not grow without end: offers that nobody saw lose their code after a day, everything goes after as
 * many days as the settings say, and free pages go back to the disk. All of it in small transactions, so that neither this
 * process nor another window waits for long.
 */
import type { Connection } from './sqlite';

/** What was never shown, or replaced or ignored, is kept so long, in ms. */
export const UNSEEN_MS = 24 * 3_600_000;
/** Rows to a transaction: some ten milliseconds. */
export const ROWS = 100;
/** Pages that one step gives back. */
const PAGES = 128;
/** Free pages that stay, for the next rows. */
const SPARE = 256;

interface Body {
  seq: number;
  character: number;
  model_hash: string;
  adapter: number | null;
  latency_ms: number;
}

/**
 * Takes prompt and text from completions that were offered before `before` and taken by nobody; that they were offered
 * stays, for the figures.
 * @returns how many rows it took them from; fewer than `ROWS` means that it is done
 */
export async function dropUnseenCode(db: Connection, before: number): Promise<number> {
  const rows = await db.all<{ seq: number }>(
    `SELECT seq FROM completions INDEXED BY completions_unseen WHERE code = 1 AND status = '' AND signals = 0
       AND outcome IN ('', 'superseded', 'ignored') AND accepted = 0 AND created_at < ? ORDER BY created_at LIMIT ${ROWS}`,
    before,
  );
  const seqs = JSON.stringify(rows.map(({ seq }) => seq));
  const bodies = await db.all<Body>(
    'SELECT seq, character, model_hash, adapter, latency_ms FROM bodies WHERE seq IN (SELECT value FROM json_each(?))',
    seqs,
  );
  // Deleted and put back: a row that only shrinks leaves its page as empty as that.
  await db.run('DELETE FROM bodies WHERE seq IN (SELECT value FROM json_each(?))', seqs);
  for (const body of bodies) {
    await db.run(
      `INSERT INTO bodies(seq, character, model_hash, adapter, latency_ms, text, prefix, suffix, prompt_ids, response_ids,
         log_probs) VALUES(?, ?, ?, ?, ?, '', '', '', x'', x'', x'')`,
      body.seq,
      body.character,
      body.model_hash,
      body.adapter,
      body.latency_ms,
    );
  }
  await db.run('DELETE FROM kept WHERE seq IN (SELECT value FROM json_each(?))', seqs);
  await db.run('UPDATE completions SET code = 0 WHERE seq IN (SELECT value FROM json_each(?))', seqs);
  return rows.length;
}

/**
 * Deletes completions from before `before` with all that hangs on them, but for those that the adapter in use has learned
 * from: as long as it is in use, whoever deletes one of them must find it.
 * @returns how many; fewer than `ROWS` means that it is done
 */
export async function dropOld(db: Connection, before: number): Promise<number> {
  const { changes } = await db.run(
    `DELETE FROM completions WHERE seq IN (
       WITH RECURSIVE used(id, round, parent) AS (
         SELECT id, round, parent FROM adapters WHERE active = 1
         UNION SELECT a.id, a.round, a.parent FROM adapters a JOIN used u ON a.id = u.parent)
       SELECT seq FROM completions INDEXED BY completions_age WHERE created_at < ? AND seq NOT IN (
         SELECT e.seq FROM used u JOIN round_events r ON r.round = u.round JOIN events e ON e.id = r.event)
       ORDER BY created_at LIMIT ${ROWS})`,
    before,
  );
  return changes;
}

/** What refers to nothing any more: files without completions, old rounds without an adapter. */
export async function dropUnused(db: Connection, before: number): Promise<void> {
  await db.run('DELETE FROM files WHERE id NOT IN (SELECT file FROM completions)');
  await db.run('DELETE FROM rounds WHERE started_at < ? AND id NOT IN (SELECT round FROM adapters)', before);
}

/**
 * Gives some free pages back to the disk.
 * @returns whether there are more
 */
export async function giveBack(db: Connection): Promise<boolean> {
  const free = (await db.get<{ freelist_count: number }>('PRAGMA freelist_count'))!.freelist_count;
  if (free <= SPARE) {
    return false;
  }
  await db.exec(`PRAGMA incremental_vacuum(${Math.min(PAGES, free - SPARE)})`);
  return true;
}
