/** Which events a round trains on, rehearses and holds out. Bounded, however long the history is. */

import { isReplay } from '../../protocol/signals';
import type { EventFilter } from '../../protocol/types';
import type { LearningEvent } from '../../store/records';
import type { FeedbackStore } from '../../store/store';
import { hasSecret } from '../../workspace/redaction';
import { commitsOf, type Split, splitHeldOut } from './split';

/** New events of a round; more wait for the next. */
export const MOST_NEW = 64;
const MOST_REHEARSED = 24;
const MOST_HELD_OUT = 32;
const MOST_KEPT = 24;

export interface Gathered {
  fresh: LearningEvent[];
  /** Trained before; trained again so that they stay. */
  rehearsed: LearningEvent[];
  /** Held out now: to be marked so once the round ends. */
  newlyHeldOut: LearningEvent[];
  /** Held out by this round or an earlier one, in files that nothing is trained in. */
  heldOut: LearningEvent[];
  /** How this round's were cut off. */
  heldOutBy: Split['by'];
  /** Kept as offered: for the replay pool. */
  kept: LearningEvent[];
}

/**
 * @param fromBase the adapter is made anew, so what earlier rounds trained on counts as new
 */
export async function gather(store: FeedbackStore, fromBase: boolean): Promise<Gathered> {
  const ready = await store.events.list({ statuses: ['ready'], limit: MOST_NEW });
  const trained = await newest(store, { status: 'trained' }, fromBase ? MOST_NEW * 4 : MOST_REHEARSED);
  const earlier = await newest(store, { status: 'held-out' }, MOST_HELD_OUT);
  const useful = ready.filter(isUseful);
  const { train, held, by } = splitHeldOut(useful, await commitsOf(useful));
  const trainedFiles = new Set([...trained, ...train].map(({ uri }) => uri));
  return {
    fresh: fromBase ? [...trained, ...train] : train,
    rehearsed: fromBase ? [] : trained,
    newlyHeldOut: held,
    heldOut: [...earlier, ...held].filter(({ solution, uri }) => solution !== null && !trainedFiles.has(uri)),
    heldOutBy: by,
    kept: (await newest(store, { signal: 'kept' }, MOST_KEPT)).filter(({ signals }) => isReplay(signals)),
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
    const code = `${event.prefix}${event.solution ?? event.text}${event.suffix}`;
    const text = [code, event.output, event.words].filter((part) => part !== null).join('\n');
    ((await hasSecret(text)) ? secret : clean).push(event);
  }
  return { clean, secret };
}

/** Has weight, and something that a gradient could come from. */
export function isUseful(event: LearningEvent): boolean {
  return event.weight > 0 && (event.solution !== null || event.output !== null || event.words !== null);
}

async function newest(store: FeedbackStore, filter: EventFilter, limit: number): Promise<LearningEvent[]> {
  const { events } = await store.panel.list(filter, 0, limit);
  const found: LearningEvent[] = [];
  for (const { completionId } of events) {
    const event = await store.events.of(completionId);
    if (event) found.push(event);
  }
  return found;
}
