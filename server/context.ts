/** What the handlers know of the server: the connection, the open documents, and everything behind the wire. */
import type { Connection } from 'vscode-languageserver/node';
import type { Documents } from './documents';
import type { Services } from './services';
import type { StatusBoard } from './status';

export interface ServerContext {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly status: StatusBoard;
  /** The folders of the workspace as file paths. */
  readonly workspaceFolders: readonly string[];
  /** Everything behind the wire, once it is up. Rejects with one sentence where the start failed. */
  services(): Promise<Services>;
  /** Hands a message that nobody waits for to the services, once they are up. What goes wrong is logged as `what`. */
  handOver(what: string, work: (services: Services) => void | Promise<void>): void;
}
