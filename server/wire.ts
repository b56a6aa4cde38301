/** Typed registration of our own messages; only names and shapes from `protocol/messages` go over the wire. */

import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { ErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { errorMessage } from './base/errors';
import type { ClientNotifications, ClientRequests, ServerNotifications } from './protocol/messages';

export function onNotification<Method extends keyof ClientNotifications>(
  connection: Connection,
  method: Method,
  handler: (params: ClientNotifications[Method]) => void | Promise<void>,
): void {
  connection.onNotification(method, async (params: ClientNotifications[Method]) => {
    try {
      await handler(params);
    } catch (error) {
      connection.console.error(`${method}: ${errorMessage(error)}`);
    }
  });
}

/** A handler's error reaches the client as its message alone: one sentence, no stack. */
export function onRequest<Method extends keyof ClientRequests>(
  connection: Connection,
  method: Method,
  handler: (
    params: ClientRequests[Method][0],
    token: CancellationToken,
  ) => ClientRequests[Method][1] | Promise<ClientRequests[Method][1]>,
): void {
  const answer = async (params: ClientRequests[Method][0], token: CancellationToken) => {
    try {
      return await handler(params, token);
    } catch (error) {
      connection.console.error(`${method}: ${errorMessage(error)}`);
      throw new ResponseError<void>(ErrorCodes.InternalError, errorMessage(error));
    }
  };
  connection.onRequest<unknown, void>(method, answer);
}

export function notify<Method extends keyof ServerNotifications>(
  connection: Connection,
  method: Method,
  params: ServerNotifications[Method],
): void {
  // A client that has gone does not want to know.
  connection.sendNotification(method, params).catch(() => undefined);
}

/** Aborts where the client takes its request back. */
export function abortOf(token: CancellationToken): AbortSignal {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  return abort.signal;
}

/** Progress is told so often at most, in ms: a client draws no faster. */
const PROGRESS_MS = 200;

/**
 * Does `work` and tells the client how far it is, where it gave a token to tell it by.
 *
 * @param report takes the share that is done, in [0, 1], and a sentence
 */
export async function withProgress<Result>(
  connection: Connection,
  token: string | number | undefined,
  first: string,
  work: (report: (fraction: number, message: string) => void) => Promise<Result>,
): Promise<Result> {
  if (token === undefined) return work(() => undefined);
  const progress = connection.window.attachWorkDoneProgress(token);
  progress.begin('Hindsight', 0, first, true);
  let reportedAt = 0;
  try {
    return await work((fraction, message) => {
      const now = Date.now();
      if (fraction < 1 && now - reportedAt < PROGRESS_MS) return;
      reportedAt = now;
      progress.report(Math.floor(100 * fraction), message);
    });
  } finally {
    progress.done();
  }
}
