import { type LogOutputChannel, window } from 'vscode';

/** The one output channel: the extension's and the server's lines, shown by "Hindsight: Show Log". */
export function createLog(): LogOutputChannel {
  return window.createOutputChannel('Hindsight', { log: true });
}

/** What went wrong, in one line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
