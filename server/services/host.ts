/** What the services need of the one who owns them: the server, with its connection and status. */
import type { Connection } from 'vscode-languageserver/node';
import type { StatusBoard } from '../status';

export interface Host {
  readonly connection: Connection;
  readonly status: StatusBoard;
  /** Absolute paths. */
  readonly workspaceFolders: readonly string[];
}

/** Writes a sentence into the log and shows it to the developer. */
export function warn({ connection }: Host, text: string): void {
  connection.console.warn(text);
  connection.window.showWarningMessage(`Hindsight: ${text}`);
}
