/** What is kept for each model in the table of values: what is true of one model's adapters is true of no other's. */
import type { FeedbackStore } from '../store/store';

/** Ready events that the model's last round had read and did not learn. */
const READY_AFTER = 'training.readyAfter';

export const ofModel = (key: string, modelHash: string): string => `${key}.${modelHash}`;

/** A value of this model's; stores of earlier versions have one for all. */
export async function valueOfModel(
  store: FeedbackStore,
  key: string,
  modelHash: string,
): Promise<string | null> {
  return (await store.values.get(ofModel(key, modelHash))) ?? (await store.values.get(key));
}

/**
 * What is ready now starts no round of these models by itself: only what comes on top does.
 * @param most how many of it they have seen at most: the rest came meanwhile
 */
export async function rememberReady(
  store: FeedbackStore,
  modelHashes: Iterable<string>,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  const ready = String(Math.min(most, await store.events.count('ready')));
  for (const hash of modelHashes) await store.values.set(ofModel(READY_AFTER, hash), ready);
}

/** How many of the `ready` events a model has seen; fewer than it had where some of them have gone since. */
export async function readyAfter(store: FeedbackStore, modelHash: string, ready: number): Promise<number> {
  const after = Number((await valueOfModel(store, READY_AFTER, modelHash)) ?? 0);
  if (after <= ready) return after;
  await rememberReady(store, [modelHash]);
  return ready;
}
