import { type Disposable, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';

/** Notifies the server once the workspace is trusted: from then on it may store, learn and run. */
export function followTrust(client: HindsightClient): Disposable {
  return workspace.onDidGrantWorkspaceTrust(() => client.notify('hindsight/trusted', { trusted: true }));
}
