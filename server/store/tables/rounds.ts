/** Training rounds and the events they read. */
import type { RoundSummary } from '../../protocol/types';
import type { Database } from '../database';
import type { Connection } from '../sqlite';

/** A round that has just begun. */
export function emptyRound(startedAt: number, events: number): Omit<RoundSummary, 'id'> {
  return {
    startedAt,
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
}

export class Rounds {
  constructor(private readonly database: Database) {}

  /** Stores a round that begins with so many events, and returns it. */
  async start(at: number, events: number): Promise<RoundSummary> {
    const round = emptyRound(at, events);
    const id = await this.database.writeNow((db) => insertRound(db, round));
    return { id, ...round };
  }

  update(round: RoundSummary): Promise<void> {
    return this.database.write((db) => updateRound(db, round), 200 * (round.steps.length + 5));
  }

  /** Newest first. */
  list(limit: number): Promise<RoundSummary[]> {
    return this.database.read((db) => selectRounds(db, limit));
  }

  /**
   * Which events a round reads, so that a deletion knows its adapter and what else came of them; `learned` where they are in
   * the adapter as they are stored now. Events that are gone are left out.
   */
  linkEvents(roundId: number, eventIds: readonly number[], learned = true): Promise<void> {
    return this.database.writeNow((db) => linkEvents(db, roundId, eventIds, learned));
  }
}

async function insertRound(db: Connection, round: Omit<RoundSummary, 'id'>): Promise<number> {
  const added = await db.run(
    'INSERT INTO rounds(started_at, summary) VALUES(?, ?)',
    round.startedAt,
    JSON.stringify(round),
  );
  return added.id;
}

async function updateRound(db: Connection, round: RoundSummary): Promise<void> {
  await db.run(
    'UPDATE rounds SET started_at = ?, summary = ? WHERE id = ?',
    round.startedAt,
    JSON.stringify(round),
    round.id,
  );
}

async function selectRounds(db: Connection, limit: number): Promise<RoundSummary[]> {
  const rows = await db.all<{ id: number; summary: string }>(
    'SELECT id, summary FROM rounds ORDER BY id DESC LIMIT ?',
    limit,
  );
  return rows.map((row) => ({ ...(JSON.parse(row.summary) as RoundSummary), id: row.id }));
}

async function linkEvents(
  db: Connection,
  roundId: number,
  eventIds: readonly number[],
  learned: boolean,
): Promise<void> {
  await db.run(
    `INSERT INTO round_events(round, event, learned)
       SELECT ?1, id, ?2 FROM events WHERE id IN (SELECT value FROM json_each(?3))
     ON CONFLICT DO UPDATE SET learned = max(learned, excluded.learned)`,
    roundId,
    learned ? 1 : 0,
    JSON.stringify(eventIds),
  );
}

/**
 * Completions whose event this round was the first to learn, of the rounds that are in use: what is forgotten again when
 * its adapter goes.
 */
export async function firstLearnedIn(db: Connection, roundId: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `SELECT c.id FROM round_events r JOIN events e ON e.id = r.event JOIN completions c ON c.seq = e.seq
       WHERE r.round = ?1 AND r.learned = 1 AND e.status = 'trained' AND NOT EXISTS (
         SELECT 1 FROM round_events o JOIN rounds p ON p.id = o.round WHERE o.event = r.event AND o.learned = 1 AND o.round < ?1
           AND json_extract(p.summary, '$.state') IN ('promoted', 'kept-insufficient-evidence'))`,
    roundId,
  );
  return rows.map(({ id }) => id);
}
