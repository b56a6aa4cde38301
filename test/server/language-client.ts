import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type {
  ClientNotifications,
  ClientRequests,
  ServerNotifications,
} from '../../server/protocol/messages';
import { defaultSettings, type InitializationOptions } from '../../server/protocol/settings';

/** A language server process and a typed connection to it, as an editor holds them. */
export class LanguageClient {
  readonly connection: MessageConnection;
  readonly log: string[] = [];
  readonly warnings: string[] = [];
  private readonly versions = new Map<string, number>();

  constructor(
    entry: string,
    private readonly options: Partial<InitializationOptions>,
    readonly process: ChildProcess = spawn(globalThis.process.execPath, [entry, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  ) {
    this.connection = createMessageConnection(
      new StreamMessageReader(process.stdout!),
      new StreamMessageWriter(process.stdin!),
    );
    this.connection.onNotification('window/logMessage', ({ message }) => {
      this.log.push(message);
    });
    this.connection.onNotification('window/showMessage', ({ message }) => {
      this.warnings.push(message);
    });
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.onRequest('window/showMessageRequest', ({ message }) => {
      this.warnings.push(message);
      return null;
    });
    this.connection.listen();
  }

  async initialize(folder: string): Promise<{ capabilities: Record<string, unknown> }> {
    const result = await this.connection.sendRequest('initialize', {
      processId: globalThis.process.pid,
      rootUri: null,
      workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'sample' }],
      capabilities: { workspace: { workspaceFolders: true } },
      initializationOptions: { settings: defaultSettings, trusted: true, ...this.options },
    });
    await this.connection.sendNotification('initialized', {});
    return result as { capabilities: Record<string, unknown> };
  }

  request<Method extends keyof ClientRequests>(
    method: Method,
    params: ClientRequests[Method][0],
  ): Promise<ClientRequests[Method][1]> {
    return this.connection.sendRequest(method, params);
  }

  notify<Method extends keyof ClientNotifications>(
    method: Method,
    params: ClientNotifications[Method],
  ): Promise<void> {
    return this.connection.sendNotification(method, params);
  }

  on<Method extends keyof ServerNotifications>(
    method: Method,
    handler: (params: ServerNotifications[Method]) => void,
  ): void {
    this.connection.onNotification(method, handler);
  }

  async open(uri: string, languageId: string, text: string): Promise<void> {
    this.versions.set(uri, 1);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId, version: 1, text },
    });
  }

  /** Replaces the characters of one line, or inserts where `from` and `to` are equal. */
  async change(uri: string, line: number, from: number, to: number, text: string): Promise<void> {
    const version = (this.versions.get(uri) ?? 1) + 1;
    this.versions.set(uri, version);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: { line, character: from }, end: { line, character: to } }, text }],
    });
  }

  async save(uri: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
  }

  /** The inline completion at a place: its text and id, or null. */
  async complete(uri: string, line: number, character: number): Promise<{ text: string; id: string } | null> {
    const items = (await this.connection.sendRequest('textDocument/inlineCompletion', {
      textDocument: { uri },
      position: { line, character },
      context: { triggerKind: 1 },
    })) as { insertText: string; command: { arguments: [string] } }[] | null;
    const item = items?.[0];
    return item ? { text: item.insertText, id: item.command.arguments[0] } : null;
  }

  /** Waits until `look` gives something, asking again every 50 ms. */
  async until<T>(look: () => Promise<T | null | undefined | false>, what: string, ms = 15_000): Promise<T> {
    const end = Date.now() + ms;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end) throw new Error(`Waited ${ms} ms for ${what}.\n${this.log.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async close(): Promise<void> {
    await this.connection.sendRequest('shutdown').catch(() => undefined);
    await this.connection.sendNotification('exit').catch(() => undefined);
    this.connection.dispose();
    this.process.kill();
  }
}
