import { homedir } from 'node:os';
import { join } from 'node:path';
import type {
  Connection,
  InitializeParams,
  InitializeResult,
  WorkspaceFoldersChangeEvent,
} from 'vscode-languageserver/node';
import { DidChangeWorkspaceFoldersNotification, TextDocumentSyncKind } from 'vscode-languageserver/node';
import { errorMessage } from './base/errors';
import { filePath } from './base/file-path';
import type { ServerContext } from './context';
import { Documents } from './documents';
import { CODE_ACTION_KINDS, handleCodeActions } from './handlers/code-actions';
import { handleCompletions } from './handlers/completions';
import { handleDocuments } from './handlers/documents';
import { handleFixing } from './handlers/fixing';
import { handleLearning } from './handlers/learning';
import { handleModels } from './handlers/models';
import { handlePanel } from './handlers/panel';
import { handleRules } from './handlers/rules';
import { handleSignals } from './handlers/signals';
import { defaultSettings, type InitializationOptions } from './protocol/settings';
import { Services } from './services';
import { StatusBoard } from './status';
import { notify } from './wire';

/** The language server: takes LSP in, hands it to the services, and says what goes on. Never imports `vscode`. */
export class HindsightServer implements ServerContext {
  readonly documents = new Documents();
  readonly status: StatusBoard;
  private folders: string[] = [];
  private options: InitializationOptions = standAloneOptions();
  private clientHasFolders = false;
  private settle!: (services: Services | Promise<Services>) => void;
  private readonly ready = new Promise<Services>((resolve) => {
    this.settle = resolve;
  });

  constructor(readonly connection: Connection) {
    this.status = new StatusBoard((status) => notify(connection, 'hindsight/statusChanged', status));
  }

  listen(): void {
    const { connection } = this;
    connection.onInitialize((params) => this.initialize(params));
    connection.onInitialized(() => this.initialized());
    connection.onShutdown(() => this.shutdown());
    handleDocuments(this);
    handleCompletions(this);
    handleSignals(this);
    handleCodeActions(this);
    handleLearning(this);
    handleModels(this);
    handleFixing(this);
    handlePanel(this);
    handleRules(this);
    connection.listen();
  }

  /** Everything behind the wire, once it is up (after `initialized`). Rejects with one sentence where the start failed. */
  services(): Promise<Services> {
    return this.ready;
  }

  handOver(what: string, work: (services: Services) => void | Promise<void>): void {
    this.ready
      // Why there are none has been reported when the start failed.
      .then(work, () => undefined)
      .catch((error: unknown) => this.connection.console.error(`${what}: ${errorMessage(error)}`));
  }

  /**
   * What nobody caught: it is logged, what capture holds is written, and the process ends with code 1; the client starts
   * another. A state that nobody foresaw is not gone on from.
   */
  async crash(error: unknown): Promise<void> {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${message}\n`);
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, LAST_WORDS_MS));
    const lastWords = async () => {
      this.connection.console.error(`The server ends, since nobody foresaw this: ${message}`);
      const services = await this.ready.catch(() => null);
      await services?.capture.flush();
    };
    await Promise.race([lastWords().catch(() => undefined), deadline]);
    process.exit(1);
  }

  /** The folders of the workspace as file paths. */
  get workspaceFolders(): readonly string[] {
    return this.folders;
  }

  private initialize(params: InitializeParams): InitializeResult {
    const given = params.initializationOptions as Partial<InitializationOptions> | undefined;
    this.options = { ...standAloneOptions(), ...given };
    this.folders = folderPaths(params.workspaceFolders?.map(({ uri }) => uri) ?? []);
    this.clientHasFolders = params.capabilities.workspace?.workspaceFolders === true;
    this.status.update({ trusted: this.options.trusted });
    return {
      serverInfo: { name: 'hindsight' },
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        inlineCompletionProvider: {},
        codeActionProvider: { codeActionKinds: CODE_ACTION_KINDS },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
    };
  }

  private initialized(): void {
    if (this.clientHasFolders) {
      this.connection.client.register(DidChangeWorkspaceFoldersNotification.type).catch(() => undefined);
      this.connection.workspace.onDidChangeWorkspaceFolders((event) => this.foldersChanged(event));
    }
    this.settle(Services.start(this.options, this));
    this.ready.catch((error: unknown) => {
      this.connection.console.error(errorMessage(error));
      this.status.set('error', errorMessage(error));
    });
  }

  private foldersChanged({ added, removed }: WorkspaceFoldersChangeEvent): void {
    const gone = new Set(folderPaths(removed.map(({ uri }) => uri)));
    this.folders = [
      ...this.folders.filter((folder) => !gone.has(folder)),
      ...folderPaths(added.map(({ uri }) => uri)),
    ];
    this.handOver('didChangeWorkspaceFolders', (services) => services.setFolders(this.folders));
  }

  private async shutdown(): Promise<void> {
    this.status.dispose();
    const services = await this.ready.catch(() => null);
    await services?.close();
  }
}

/** Longest time that a crashed server takes to write what it has. */
const LAST_WORDS_MS = 2_000;

function folderPaths(uris: string[]): string[] {
  return uris.map(filePath).filter((path) => path !== null);
}

/** For editors that send no options: a folder of the user's, the embedded model, nothing trusted. */
function standAloneOptions(): InitializationOptions {
  const data = process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share');
  return {
    storagePath: join(data, 'hindsight'),
    embeddedModelPath: join(__dirname, '..', 'media', 'model'),
    trusted: false,
    settings: defaultSettings,
  };
}
