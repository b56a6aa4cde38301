/** The custom messages of server/protocol/messages, typed for vscode-languageclient. */

import type { CancellationToken, Disposable } from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  ClientNotifications,
  ClientRequests,
  ServerNotifications,
} from '../../server/protocol/messages';

/** Sends a request; the promise is rejected where the server is not there or answers with an error. */
export function request<M extends keyof ClientRequests>(
  client: LanguageClient,
  method: M,
  parameters: ClientRequests[M][0],
  token?: CancellationToken,
): Promise<ClientRequests[M][1]> {
  // An undefined token would be sent as a second parameter.
  return token ? client.sendRequest(method, parameters, token) : client.sendRequest(method, parameters);
}

export function notify<M extends keyof ClientNotifications>(
  client: LanguageClient,
  method: M,
  parameters: ClientNotifications[M],
): Promise<void> {
  return client.sendNotification(method, parameters);
}

export function onNotification<M extends keyof ServerNotifications>(
  client: LanguageClient,
  method: M,
  handler: (parameters: ServerNotifications[M]) => void,
): Disposable {
  return client.onNotification(method, handler);
}
