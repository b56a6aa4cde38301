/** What rounds leave on disk of feedback that has been deleted since: checkpoints, unfinished and unregistered adapters, pages in the log. */
import { SWEEP } from '../../store/deletion';
import type { FeedbackStore } from '../../store/store';
import type { AdapterFolder } from './adapter-folder';

export async function isSweepDue(store: FeedbackStore): Promise<boolean> {
  return (await store.values.get(SWEEP)) === '1';
}

/** Removes it. Only the holder of the training lease may call it. */
export async function sweepDeleted(store: FeedbackStore, folder: AdapterFolder): Promise<void> {
  await folder.removeCheckpoints();
  await folder.sweep(await store.adapters.all());
  await store.emptyLog();
  await store.values.set(SWEEP, '0');
}
