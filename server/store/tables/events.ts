/** Learning events: what training reads. */
import { isReplay, type SignalKind, weightOf } from '../../protocol/signals';
import type { EventStatus } from '../../protocol/types';
import { signalBits, signalsOf, unpackContext, unpackFloats, unpackIds } from '../codec';
import type { Database } from '../database';
import type { Gate, LearningEvent } from '../records';
import type { Connection } from '../sqlite';
import { seqOf } from './completions';

export type NewEvent = Omit<LearningEvent, 'id' | 'createdAt' | 'updatedAt'>;

/** An event as it was read: `updatedAt` grows with every change of it. */
export type Version = Pick<LearningEvent, 'id' | 'updatedAt'>;

export class Events {
  constructor(private readonly database: Database) {}

  /**
   * Creates or replaces the event of a completion; what a round decided (gates) goes when the event changes.
   * @throws UnknownCompletion
   */
  put(event: NewEvent): Promise<number> {
    const bytes = 8 * (event.promptIds.length + event.text.length) + 4_000;
    const at = this.database.now();
    return this.database.write((db) => upsertEvent(db, event, at), bytes);
  }

  /**
   * What the developer says of a completion that is followed no more: words, signals and weight of its event change, a
   * correction stays as it is stored. Without an event (or with one that teaches nothing) the words alone make one.
   * @throws UnknownCompletion
   */
  comment(completionId: string, words: string): Promise<void> {
    const at = this.database.now();
    return this.database.write((db) => addWords(db, completionId, words, at), 500 + 2 * words.length);
  }

  /**
   * Decides about an event as it was read: nothing is changed where it has been edited since.
   * @returns whether it was still the same
   */
  settle(event: Version, status: EventStatus, reason: string | null, gates?: Gate[]): Promise<boolean> {
    const at = this.database.now();
    return this.database.write((db) => updateStatus(db, event, status, reason, gates, at));
  }

  /**
   * Puts what was rolled back among what is to be learned again.
   * @param completionId the one event; null for all of them
   * @returns completions whose event changed
   */
  learnAgain(completionId: string | null): Promise<string[]> {
    const at = this.database.now();
    return this.database.writeNow((db) => learnAgain(db, completionId, at));
  }

  /** By status, oldest first. */
  list(query: { statuses: EventStatus[]; limit: number }): Promise<LearningEvent[]> {
    return this.database.read((db) => selectEvents(db, query.statuses, query.limit));
  }

  /** The learning event of one completion, or null. */
  of(completionId: string): Promise<LearningEvent | null> {
    return this.database.read((db) => selectEventOf(db, completionId));
  }

  count(status: EventStatus): Promise<number> {
    return this.database.read((db) => countEvents(db, status));
  }
}

/** The same text, output and words once more (a save, a restart) are no reason to learn what was rolled back. */
const STAYS = `status = 'rolled-back' AND solution IS ?4 AND output IS ?5 AND words IS ?6`;

async function upsertEvent(db: Connection, event: NewEvent, now: number): Promise<number> {
  const seq = await seqOf(db, event.completionId);
  const bits = signalBits(event.signals);
  await db.run(
    `INSERT INTO events(seq, created_at, updated_at, text, solution, output, words, signals, weight, status, reason)
       VALUES(?1, ?2, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
     ON CONFLICT(seq) DO UPDATE SET updated_at = max(?2, updated_at + 1), text = ?3, solution = ?4, output = ?5, words = ?6, signals = ?7,
       weight = ?8, status = CASE WHEN ${STAYS} THEN status ELSE ?9 END, reason = CASE WHEN ${STAYS} THEN reason ELSE ?10 END,
       gates = NULL`,
    seq,
    now,
    event.text,
    event.solution,
    event.output,
    event.words,
    bits,
    event.weight,
    event.status,
    event.reason,
  );
  await db.run(
    'UPDATE completions SET status = (SELECT status FROM events WHERE seq = ?1), signals = signals | ?2 WHERE seq = ?1',
    seq,
    bits,
  );
  return (await db.get<{ id: number }>('SELECT id FROM events WHERE seq = ?', seq))!.id;
}

interface Commented {
  solution: string | null;
  words: string | null;
  signals: number;
  status: EventStatus;
}

async function addWords(db: Connection, completionId: string, words: string, now: number): Promise<void> {
  const seq = await seqOf(db, completionId);
  const found = await db.get<Commented>(
    'SELECT solution, words, signals, status FROM events WHERE seq = ?',
    seq,
  );
  const before = found ? signalsOf(found.signals) : [];
  // Kept as offered, or dropped: the stored text is no lesson, so it must not become one by what is said of it.
  const teaches = found !== undefined && found.status !== 'dropped' && !isReplay(before);
  const signals: SignalKind[] = teaches ? [...new Set<SignalKind>([...before, 'words'])] : ['words'];
  const solution = teaches ? found.solution : null;
  const row = await db.get<{ accepted: number }>('SELECT accepted FROM completions WHERE seq = ?', seq);
  const weight = weightOf(signals, solution !== null, row?.accepted === 1);
  const said = found?.words?.split('\n').includes(words) ? found.words : [found?.words, words];
  await db.run(
    `INSERT INTO events(seq, created_at, updated_at, text, solution, words, signals, weight, status)
       SELECT ?1, ?2, ?2, text, NULL, ?4, ?5, ?6, ?7 FROM bodies WHERE seq = ?1
     ON CONFLICT(seq) DO UPDATE SET updated_at = max(?2, updated_at + 1), solution = ?3, words = ?4, signals = ?5,
       weight = ?6, status = ?7, reason = CASE WHEN status = ?7 THEN reason END, gates = NULL`,
    seq,
    now,
    solution,
    typeof said === 'string' ? said : said.filter(Boolean).join('\n'),
    signalBits(signals),
    weight,
    statusAfterWords(found, teaches),
  );
  await db.run(
    'UPDATE completions SET status = (SELECT status FROM events WHERE seq = ?1), signals = signals | ?2 WHERE seq = ?1',
    seq,
    signalBits(['words']),
  );
}

/** Words are learned at once, but for an edit that has not settled, and for a file that is held out to measure with. */
function statusAfterWords(found: Commented | undefined, teaches: boolean): EventStatus {
  if (found && teaches && found.status === 'waiting' && found.solution !== null) return 'waiting';
  return found?.status === 'held-out' ? 'held-out' : 'ready';
}

async function updateStatus(
  db: Connection,
  { id, updatedAt }: Version,
  status: EventStatus,
  reason: string | null,
  gates: Gate[] | undefined,
  now: number,
): Promise<boolean> {
  const changed = await db.run(
    `UPDATE events SET status = ?1, reason = ?2, updated_at = max(?3, updated_at + 1), gates = coalesce(?4, gates)
       WHERE id = ?5 AND updated_at = ?6`,
    status,
    reason,
    now,
    gates ? JSON.stringify(gates) : null,
    id,
    updatedAt,
  );
  if (changed.changes === 0) {
    // Not changed now; but by this very call, where its transaction was said to have failed and was not?
    const same = await db.get(
      'SELECT 1 FROM events WHERE id = ? AND status = ? AND updated_at = ?',
      id,
      status,
      Math.max(now, updatedAt + 1),
    );
    return same !== undefined;
  }
  await db.run(
    'UPDATE completions SET status = ? WHERE seq = (SELECT seq FROM events WHERE id = ?)',
    status,
    id,
  );
  return true;
}

/**
 * Marks what was learned only by an adapter that goes, inside the caller's transaction.
 * @param completionIds their completions
 */
export async function markRolledBack(
  db: Connection,
  completionIds: readonly string[],
  now: number,
): Promise<void> {
  const reason = 'The adapter that had learned it was rolled back; it is learned again when you say so.';
  await moveAll(db, completionIds, 'rolled-back', reason, now);
}

async function learnAgain(db: Connection, completionId: string | null, now: number): Promise<string[]> {
  const rows = await db.all<{ id: string }>(
    `SELECT c.id FROM events e JOIN completions c ON c.seq = e.seq
       WHERE e.status = 'rolled-back' AND (?1 IS NULL OR c.id = ?1)`,
    completionId,
  );
  const ids = rows.map(({ id }) => id);
  await moveAll(db, ids, 'ready', null, now);
  return ids;
}

/** Gives the events of these completions a status, whatever they had. */
async function moveAll(
  db: Connection,
  completionIds: readonly string[],
  status: EventStatus,
  reason: string | null,
  now: number,
): Promise<void> {
  const seqs = `(SELECT seq FROM completions WHERE id IN (SELECT value FROM json_each(?1)))`;
  const ids = JSON.stringify(completionIds);
  await db.run(
    `UPDATE events SET status = ?2, reason = ?3, updated_at = max(?4, updated_at + 1) WHERE seq IN ${seqs}`,
    ids,
    status,
    reason,
    now,
  );
  await db.run(`UPDATE completions SET status = ?2 WHERE seq IN ${seqs}`, ids, status);
}

interface EventRow {
  id: number;
  completion_id: string;
  created_at: number;
  updated_at: number;
  uri: string;
  path: string;
  language: string;
  prefix: string;
  suffix: string;
  context: string;
  prompt_ids: Buffer;
  response_ids: Buffer;
  log_probs: Buffer;
  text: string;
  solution: string | null;
  output: string | null;
  words: string | null;
  signals: number;
  weight: number;
  status: EventStatus;
  reason: string | null;
}

const COLUMNS = `e.id, c.id AS completion_id, e.created_at, e.updated_at, f.uri, f.path, c.language, b.prefix, b.suffix,
  b.context, b.prompt_ids, b.response_ids, b.log_probs, e.text, e.solution, e.output, e.words, e.signals, e.weight, e.status, e.reason
  FROM events e JOIN completions c ON c.seq = e.seq JOIN files f ON f.id = c.file JOIN bodies b ON b.seq = e.seq`;

function toEvent(row: EventRow): LearningEvent {
  return {
    id: row.id,
    completionId: row.completion_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    uri: row.uri,
    path: row.path,
    languageId: row.language,
    prefix: row.prefix,
    suffix: row.suffix,
    ...unpackContext(row.context),
    promptIds: unpackIds(row.prompt_ids),
    responseIds: unpackIds(row.response_ids),
    responseLogProbs: unpackFloats(row.log_probs),
    text: row.text,
    solution: row.solution,
    output: row.output,
    words: row.words,
    signals: signalsOf(row.signals),
    weight: row.weight,
    status: row.status,
    reason: row.reason,
  };
}

async function selectEvents(
  db: Connection,
  statuses: EventStatus[],
  limit: number,
): Promise<LearningEvent[]> {
  const marks = statuses.map(() => '?').join(', ');
  const rows = await db.all<EventRow>(
    `SELECT ${COLUMNS} WHERE e.status IN (${marks}) ORDER BY e.id LIMIT ?`,
    ...statuses,
    limit,
  );
  return rows.map(toEvent);
}

async function selectEventOf(db: Connection, completionId: string): Promise<LearningEvent | null> {
  const row = await db.get<EventRow>(`SELECT ${COLUMNS} WHERE c.id = ?`, completionId);
  return row ? toEvent(row) : null;
}

async function countEvents(db: Connection, status: EventStatus): Promise<number> {
  const row = await db.get<{ n: number }>('SELECT n FROM event_counts WHERE status = ?', status);
  return row?.n ?? 0;
}
