/** The page's end of the wire to its host. */

import type { ClientRequests, ServerNotifications } from '../../../server/protocol/messages';
import type { Forwarded, ForwardedNotification, FromPage, PanelCommand, ToPage } from '../messages';

interface Saved {
  tab?: string;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): Saved | undefined;
  setState(state: Saved): void;
};

const api = acquireVsCodeApi();
const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
const listeners = new Map<ForwardedNotification, ((parameters: never) => void)[]>();
const goneListeners: ((message: string) => void)[] = [];
let lastId = 0;

/** Sends a request to the server through the host. @throws Error with one sentence */
export function request<M extends Forwarded>(
  method: M,
  parameters: ClientRequests[M][0],
): Promise<ClientRequests[M][1]> {
  const id = ++lastId;
  api.postMessage({ kind: 'request', id, method, parameters });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

export function onNotification<M extends ForwardedNotification>(
  method: M,
  handler: (parameters: ServerNotifications[M]) => void,
): void {
  listeners.set(method, [...(listeners.get(method) ?? []), handler]);
}

/** The server is gone and will not come back by itself. */
export function onGone(handler: (message: string) => void): void {
  goneListeners.push(handler);
}

export function runCommand(command: PanelCommand): void {
  api.postMessage({ kind: 'command', command });
}

export function send(message: Exclude<FromPage, { kind: 'request' | 'command' }>): void {
  api.postMessage(message);
}

export const saved = {
  get: (): Saved => api.getState() ?? {},
  set: (state: Saved): void => api.setState({ ...saved.get(), ...state }),
};

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  switch (data.kind) {
    case 'answer':
      waiting.get(data.id)?.resolve(data.result as never);
      waiting.delete(data.id);
      break;
    case 'failure':
      waiting.get(data.id)?.reject(new Error(data.message));
      waiting.delete(data.id);
      break;
    case 'event':
      for (const handler of listeners.get(data.method) ?? []) handler(data.parameters as never);
      break;
    case 'gone':
      for (const handler of goneListeners) handler(data.message);
      break;
  }
});
