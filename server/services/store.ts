import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FeedbackStore, openStore } from '../store/store';
import { type Host, warn } from './host';

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
