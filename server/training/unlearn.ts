/** What counts no longer is unlearned: the adapters that hold it are made again from the base model without it. */
import type { FeedbackStore } from '../store/store';
import { ofModel, valueOfModel } from './model-values';

/** The next round of a model starts from its base. */
export const FROM_BASE = 'training.fromBase';
/** And one is owed: it starts by itself, however little is new. */
const OWED = 'training.owed';

export async function isOwed(store: FeedbackStore, modelHash: string): Promise<boolean> {
  return (await valueOfModel(store, OWED, modelHash)) === '1';
}

/** A round from the base model has made the adapter. */
export async function paid(store: FeedbackStore, modelHash: string): Promise<void> {
  for (const key of [FROM_BASE, OWED]) await store.values.set(ofModel(key, modelHash), '0');
}

/**
 * Owes a round to every model that has an adapter in use; where nothing is left that was learned, its base model is used at once.
 * @returns whether adapters went out of use
 */
export async function oweRounds(store: FeedbackStore): Promise<boolean> {
  const learned = (await store.adapters.all()).filter(({ active }) => active);
  const owes = (await store.events.count('trained')) > 0;
  for (const { modelHash } of learned) {
    if (!owes) await store.adapters.useBase(modelHash);
    for (const key of owes ? [FROM_BASE, OWED] : []) await store.values.set(ofModel(key, modelHash), '1');
  }
  return !owes && learned.length > 0;
}

/**
 * The round that was owed brought no adapter: the one that has learned what no longer counts goes all the same.
 * @returns whether it went
 */
export async function giveUpOwed(store: FeedbackStore, modelHash: string): Promise<boolean> {
  if (!(await isOwed(store, modelHash))) return false;
  await store.values.set(ofModel(OWED, modelHash), '0');
  await store.adapters.useBase(modelHash);
  return true;
}
