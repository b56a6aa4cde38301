/** Which events a round trains on, rehearses and holds out. Bounded, however long the history is. */

import { hasSecret } from '../feedback/redaction';
import type { FeedbackStore, LearningEvent } from '../feedback/types';
import type { EventFilter } from '../protocol/types';

/** The store with the one look-up that newest-first reading needs. */
export type TrainingStore = FeedbackStore & {
  learningEventOf(completionId: string): Promise<LearningEvent | null>;
};

/** New events of a round; more wait for the next. */
export const MOST_NEW = 64;
const MOST_REHEARSED = 24;
const MOST_HELD_OUT = 32;
const MOST_KEPT = 24;
/** With fewer new events all of them are needed for learning. */
const LEAST_TO_SPLIT = 10;
const HELD_OUT_SHARE = 0.2;

export interface Gathered {
  fresh: LearningEvent[];
  /** Trained before; trained again so that they stay. */
  rehearsed: LearningEvent[];
  /** Held out now: to be marked so once the round ends. */
  newlyHeldOut: LearningEvent[];
  /** Held out by this round or an earlier one. */
  heldOut: LearningEvent[];
  /** Kept as offered: for the replay pool. */
  kept: LearningEvent[];
}

/**
 * @param fromBase the adapter is made anew, so what earlier rounds trained on counts as new
 */
export async function gather(store: TrainingStore, fromBase: boolean): Promise<Gathered> {
  const ready = await store.learningEvents({ statuses: ['ready'], limit: MOST_NEW });
  const trained = await newest(store, { status: 'trained' }, fromBase ? MOST_NEW * 4 : MOST_REHEARSED);
  const earlier = await newest(store, { status: 'held-out' }, MOST_HELD_OUT);
  const useful = ready.filter(isUseful);
  const { train, held } = splitHeldOut(useful);
  return {
    fresh: fromBase ? [...trained, ...train] : train,
    rehearsed: fromBase ? [] : trained,
    newlyHeldOut: held,
    heldOut: [...earlier, ...held].filter((event) => event.solution !== null),
    kept: (await newest(store, { signal: 'kept' }, MOST_KEPT)).filter(({ signals }) => signals.length === 1),
  };
}

/**
 * Capture has redacted everything; looked at once more before it gets into weights, where it could not be taken out.
 * @returns the events without a secret, and those with one
 */
export async function screenSecrets(
  events: readonly LearningEvent[],
): Promise<{ clean: LearningEvent[]; secret: LearningEvent[] }> {
  const clean: LearningEvent[] = [];
  const secret: LearningEvent[] = [];
  for (const event of events) {
    const text = [event.solution, event.output, event.words].filter((part) => part !== null).join('\n');
    ((await hasSecret(text)) ? secret : clean).push(event);
  }
  return { clean, secret };
}

/** Has weight, and something that a gradient could come from. */
export function isUseful(event: LearningEvent): boolean {
  return event.weight > 0 && (event.solution !== null || event.output !== null || event.words !== null);
}

/**
 * Holds out the newest fifth by whole files, never single rows: a correction's neighbour in the same file would give the
 * answer away. Nothing where there are fewer than ten events, or only one file.
 */
export function splitHeldOut(events: readonly LearningEvent[]): {
  train: LearningEvent[];
  held: LearningEvent[];
} {
  const wanted = Math.round(events.length * HELD_OUT_SHARE);
  if (events.length < LEAST_TO_SPLIT) return { train: [...events], held: [] };
  const lastSeen = new Map<string, number>();
  for (const { uri, createdAt } of events) lastSeen.set(uri, Math.max(lastSeen.get(uri) ?? 0, createdAt));
  const files = [...lastSeen.keys()].sort((a, b) => lastSeen.get(b)! - lastSeen.get(a)!);
  const chosen = new Set<string>();
  let count = 0;
  for (const uri of files) {
    const own = events.filter((event) => event.uri === uri).length;
    if (count >= wanted) break;
    // A file with most of the corrections is worth more as something to learn from.
    if (count + own > wanted * 2) continue;
    chosen.add(uri);
    count += own;
  }
  return {
    train: events.filter(({ uri }) => !chosen.has(uri)),
    held: events.filter(({ uri }) => chosen.has(uri)),
  };
}

async function newest(store: TrainingStore, filter: EventFilter, limit: number): Promise<LearningEvent[]> {
  const { events } = await store.listEvents(filter, 0, limit);
  const found: LearningEvent[] = [];
  for (const { completionId } of events) {
    const event = await store.learningEventOf(completionId);
    if (event) found.push(event);
  }
  return found;
}
