/** The key of a server that completes: in the editor's secret storage, with the host that it was given for, and nowhere else. */

import type { SecretStorage } from 'vscode';
import type { ServerKey } from '../../server/protocol/settings';

const NAME = 'hindsight.serverKey';

/** Null where there is none, or the storage cannot be read. */
export async function readServerKey(secrets: SecretStorage): Promise<ServerKey> {
  try {
    const stored = JSON.parse((await secrets.get(NAME)) ?? 'null') as ServerKey;
    return typeof stored?.host === 'string' && typeof stored.key === 'string' ? stored : null;
  } catch {
    return null;
  }
}

export async function storeServerKey(secrets: SecretStorage, key: ServerKey): Promise<void> {
  if (key) await secrets.store(NAME, JSON.stringify(key));
  else await secrets.delete(NAME);
}
