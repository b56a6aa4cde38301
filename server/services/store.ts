import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../base/errors';
import { type FeedbackStore, openStore } from '../store/store';
import { type Host, warn } from './host';

const FIRST_TIDY_MS = 60_000;
const TIDY_AGAIN_MS = 3_600_000;

/**
 * Keeps the store small, a minute after the start and every hour.
 * @param keepDays the setting, as it is at that time
 * @returns the call that ends it
 */
export function keepTidy(store: FeedbackStore, keepDays: () => number, host: Host): () => void {
  const tidy = async (): Promise<void> => {
    await store.tidy(keepDays()).catch((error: unknown) => host.connection.console.log(errorMessage(error)));
    timer = setTimeout(tidy, TIDY_AGAIN_MS).unref();
  };
  let timer = setTimeout(tidy, FIRST_TIDY_MS).unref();
  // One that a killed process had begun. Where it cannot be done yet the store says so.
  void store.finishDeletion();
  return () => clearTimeout(timer);
}

/**
 * The feedback store in the storage folder. A database that is away for a while is warned of, not thrown.
 * @throws StoreError with one sentence where there can be none at all
 */
export async function createStore(storagePath: string, host: Host): Promise<FeedbackStore> {
  await mkdir(storagePath, { recursive: true });
  return openStore(join(storagePath, 'hindsight.db'), {
    onTrouble: (text) => warn(host, text),
    onRecovered: (text) => host.connection.console.log(text),
  });
}
