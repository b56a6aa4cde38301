/** Training rounds, the events they read, token advantages, leases and loose values. */
import type { RoundSummary, TokenAdvantage } from '../../protocol/types';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export async function insertRound(db: Connection, at: number, events: number): Promise<number> {
  const round: Omit<RoundSummary, 'id'> = {
    startedAt: at,
    endedAt: null,
    state: 'running',
    message: '',
    events,
    steps: [],
    logProbBefore: null,
    logProbAfter: null,
    distillationShare: null,
    decisions: [],
    adapter: null,
    seconds: null,
  };
  const added = await db.run(
    'INSERT INTO rounds(started_at, summary) VALUES(?, ?)',
    at,
    JSON.stringify(round),
  );
  return added.id;
}

export async function updateRound(db: Connection, round: RoundSummary): Promise<void> {
  await db.run(
    'UPDATE rounds SET started_at = ?, summary = ? WHERE id = ?',
    round.startedAt,
    JSON.stringify(round),
    round.id,
  );
}

/** Newest first. */
export async function selectRounds(db: Connection, limit: number): Promise<RoundSummary[]> {
  const rows = await db.all<{ id: number; summary: string }>(
    'SELECT id, summary FROM rounds ORDER BY id DESC LIMIT ?',
    limit,
  );
  return rows.map((row) => ({ ...(JSON.parse(row.summary) as RoundSummary), id: row.id }));
}

export async function linkEvents(db: Connection, roundId: number, eventIds: number[]): Promise<void> {
  for (const id of eventIds) {
    await db.run('INSERT INTO round_events(round, event) VALUES(?, ?) ON CONFLICT DO NOTHING', roundId, id);
  }
}

/**
 * Completions whose event this round was the first to learn, of the rounds that are in use: what is forgotten again when
 * its adapter goes.
 */
export async function firstLearnedIn(db: Connection, roundId: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `SELECT c.id FROM round_events r JOIN events e ON e.id = r.event JOIN completions c ON c.seq = e.seq
       WHERE r.round = ?1 AND e.status = 'trained' AND NOT EXISTS (
         SELECT 1 FROM round_events o JOIN rounds p ON p.id = o.round WHERE o.event = r.event AND o.round < ?1
           AND json_extract(p.summary, '$.state') IN ('promoted', 'kept-insufficient-evidence'))`,
    roundId,
  );
  return rows.map(({ id }) => id);
}

export async function insertAdvantages(
  db: Connection,
  completionId: string,
  roundId: number | null,
  context: string,
  tokens: TokenAdvantage[],
): Promise<void> {
  const seq = await seqOf(db, completionId);
  await db.run('DELETE FROM advantages WHERE seq = ? AND round IS ?', seq, roundId);
  await db.run(
    'INSERT INTO advantages(seq, round, context, tokens) VALUES(?, ?, ?, ?)',
    seq,
    roundId,
    context,
    JSON.stringify(tokens),
  );
}

/** True if `holder` has the lease until `now + ttlMs`: it was free, run out, or its own. */
export async function takeLease(
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

export async function releaseLease(db: Connection, name: string, holder: string): Promise<void> {
  await db.run('DELETE FROM leases WHERE name = ? AND holder = ?', name, holder);
}

export async function selectValue(db: Connection, key: string): Promise<string | null> {
  return (await db.get<{ value: string }>('SELECT value FROM settings WHERE key = ?', key))?.value ?? null;
}

export async function putValue(db: Connection, key: string, value: string): Promise<void> {
  await db.run(
    'INSERT INTO settings(key, value) VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}
