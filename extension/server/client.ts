/** The language server's process and the one connection to it. */

import {
  type CancellationToken,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  type LogOutputChannel,
  workspace,
} from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Middleware,
  RevealOutputChannelOn,
  type ServerOptions,
  State,
  TransportKind,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';
import type {
  ClientNotifications,
  ClientRequests,
  ServerNotifications,
} from '../../server/protocol/messages';
import type { InitializationOptions, ServerKey } from '../../server/protocol/settings';
import { debugOptions, inDevelopment } from '../development';
import { messageOf } from '../log';
import { capturedSchemes, readSettings } from '../settings/settings';
import { notify, onNotification, request } from './messages';
import { isEvent, Outbox } from './outbox';
import { Restarts } from './restarts';
import { readServerKey } from './server-key';

const SERVER_NOTIFICATIONS = [
  'hindsight/statusChanged',
  'hindsight/eventsChanged',
  'hindsight/roundChanged',
  'hindsight/failingTestsChanged',
  'hindsight/noted',
] as const satisfies readonly (keyof ServerNotifications)[];

type WorkDone = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

export class HindsightClient implements Disposable {
  private client: LanguageClient | undefined;
  private readonly emitters: { [M in keyof ServerNotifications]: EventEmitter<ServerNotifications[M]> } = {
    'hindsight/statusChanged': new EventEmitter(),
    'hindsight/eventsChanged': new EventEmitter(),
    'hindsight/roundChanged': new EventEmitter(),
    'hindsight/failingTestsChanged': new EventEmitter(),
    'hindsight/noted': new EventEmitter(),
  };
  private readonly failed = new EventEmitter<string>();
  private readonly restarts = new Restarts();
  private restarting: Promise<void> | null = null;
  private serverKey: ServerKey = null;
  private readonly outbox = new Outbox({
    send: ({ method, parameters }) => this.send(method, parameters),
    acknowledge: () => this.request('hindsight/durable', null),
    log: (sentence) => this.log.warn(sentence),
  });

  /** Fires with one sentence when the server is not there and will not come back by itself. */
  readonly onFailed = this.failed.event;

  /** @param middleware of the library: the acceptance tracker sees every completion through it */
  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
    private readonly middleware: Middleware,
  ) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Starts the server. Never throws: a server that does not start is reported through `onFailed`. */
  async start(): Promise<void> {
    this.serverKey = await readServerKey(this.context.secrets);
    const client: LanguageClient = new LanguageClient(
      'hindsight',
      'Hindsight',
      this.serverOptions(),
      this.clientOptions(() => client),
    );
    this.client = client;
    client.onDidChangeState(({ newState }) => this.stateChanged(client, newState));
    for (const method of SERVER_NOTIFICATIONS) this.forward(client, method);
    try {
      await client.start();
      this.emitters['hindsight/statusChanged'].fire(await request(client, 'hindsight/status', null));
    } catch (error) {
      if (this.client === client) this.fail(`The server did not start: ${messageOf(error)}`);
    }
  }

  /** Asked for again while it is under way, it is the same restart: there is never a second server. */
  restart(): Promise<void> {
    this.restarting ??= this.stopAndStart().finally(() => {
      this.restarting = null;
    });
    return this.restarting;
  }

  private async stopAndStart(): Promise<void> {
    this.restarts.reset();
    await this.stop();
    await this.start();
  }

  /**
   * Notifies the server. What happened (an acceptance, a run, a comment) waits while it is not running, and is sent again to the
   * next server where this one dies before it is stored; the state of things now is only sent to a server that is running.
   */
  notify<M extends keyof ClientNotifications>(method: M, parameters: ClientNotifications[M]): void {
    if (isEvent(method)) this.outbox.add(method, parameters as never);
    else if (this.running)
      this.send(method, parameters).catch((error) => this.log.debug(`${method}: ${messageOf(error)}`));
  }

  /** Sends a request to the server. @throws Error with one sentence for the developer where it is not running */
  async request<M extends keyof ClientRequests>(
    method: M,
    parameters: ClientRequests[M][0],
    token?: CancellationToken,
  ): Promise<ClientRequests[M][1]> {
    if (!this.client || !this.running)
      throw new Error('The Hindsight server is not running. “Hindsight: Restart Server” starts it.');
    return request(this.client, method, parameters, token);
  }

  /** Deletes feedback for good, here too. @throws Error with one sentence where that cannot be done now */
  async deleteData(scope: ClientRequests['hindsight/delete'][0]): Promise<{ message: string }> {
    const gone = await this.request('hindsight/delete', scope);
    // Of a file there is nothing here but ids, which the server does not know any more.
    if (scope.scope === 'all') this.outbox.forget('all');
    else if (scope.completionId) this.outbox.forget(scope.completionId);
    return gone;
  }

  on<M extends keyof ServerNotifications>(
    method: M,
    handler: (parameters: ServerNotifications[M]) => void,
  ): Disposable {
    return this.emitters[method].event(handler);
  }

  onProgress(token: string, handler: (progress: WorkDone) => void): Disposable {
    if (!this.client) return { dispose: () => {} };
    return this.client.onProgress(WorkDoneProgress.type, token, handler);
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.outbox.disconnect();
    if (client?.needsStop()) await client.stop(3000).catch(() => {});
  }

  dispose(): void {
    this.stop();
    for (const emitter of Object.values(this.emitters)) emitter.dispose();
    this.failed.dispose();
  }

  private async send<M extends keyof ClientNotifications>(
    method: M,
    parameters: ClientNotifications[M],
  ): Promise<void> {
    if (!this.client || !this.running) throw new Error('The server is not running.');
    await notify(this.client, method, parameters);
  }

  private stateChanged(client: LanguageClient, state: State): void {
    if (this.client !== client) return;
    if (state !== State.Running) {
      this.outbox.disconnect();
      return;
    }
    // Its start ends once the open documents have been sent.
    client.start().then(
      () => this.client === client && this.running && this.outbox.connect(),
      () => undefined,
    );
  }

  private forward<M extends keyof ServerNotifications>(client: LanguageClient, method: M): void {
    onNotification(client, method, (parameters) => this.emitters[method].fire(parameters));
  }

  private fail(message: string): void {
    this.log.error(message);
    this.failed.fire(message);
  }

  private serverOptions(): ServerOptions {
    const module = this.context.asAbsolutePath('dist/server.js');
    const run = { module, transport: TransportKind.ipc, options: { env: environment() } } as const;
    const debug = { ...run, options: debugOptions() };
    return { run: inDevelopment(this.context) ? debug : run, debug };
  }

  private clientOptions(client: () => LanguageClient): LanguageClientOptions {
    return {
      documentSelector: capturedSchemes().map((scheme) => ({ scheme })),
      outputChannel: this.log,
      // What fails while the server is away is logged; whether it comes back is said by `onFailed`.
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationOptions: (): InitializationOptions => ({
        storagePath: this.context.globalStorageUri.fsPath,
        embeddedModelPath: this.context.asAbsolutePath('media/model'),
        trusted: workspace.isTrusted,
        settings: readSettings(),
        serverKey: this.serverKey,
      }),
      middleware: this.middleware,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => this.onClosed(client()),
      },
    };
  }

  /** The connection is gone without our asking. */
  private async onClosed(client: LanguageClient): Promise<{ action: CloseAction; handled: boolean }> {
    const stop = { action: CloseAction.DoNotRestart, handled: true };
    const delay = this.restarts.crashed(Date.now());
    if (delay === null) {
      this.fail(
        'The server ended five times in three minutes. The log says why; “Restart Server” tries again.',
      );
      return stop;
    }
    this.log.warn(`The server ended; starting it again${delay > 0 ? ` in ${delay / 1000} s` : ''}.`);
    await new Promise((resolve) => setTimeout(resolve, delay));
    // Stopped or restarted by the developer meanwhile.
    if (this.client !== client) return stop;
    return { action: CloseAction.Restart, handled: true };
  }
}

/** The editor's proxy is the server's too, where the environment names none: models are fetched through it. */
function environment(): NodeJS.ProcessEnv {
  const { env } = process;
  const proxy = workspace.getConfiguration('http').get('proxy', '').trim();
  return proxy === '' || env.HTTPS_PROXY || env.https_proxy
    ? env
    : { ...env, HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
}
