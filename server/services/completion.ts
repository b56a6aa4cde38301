import { basename, join } from 'node:path';
import { errorMessage } from '../base/errors';
import { SerialQueue } from '../base/serial-queue';
import type { Capture } from '../capture/capture';
import { CompletionEngine, type EngineSettings } from '../completion/engine';
import { RecallMemory } from '../completion/recall-memory';
import type { ScoredOffer } from '../completion/score-offer';
import type { ScoreRequest } from '../completion/types';
import { type LoadedModel, LocalModel } from '../local-model';
import type { InitializationOptions, ServerKey, Settings } from '../protocol/settings';
import type { AdapterRecord } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { type Host, warn } from './host';
import type { PlaceContext } from './place-context';

/** An adapter with its folder. */
export type AdapterInUse = AdapterRecord & { path: string };

export interface CompletionNeeds {
  store: FeedbackStore;
  capture: Pick<Capture, 'addCompletion' | 'isRejectedHere'>;
  context: Pick<PlaceContext, 'at'>;
  /** Another base model is open; its adapter is asked for once this resolves. */
  onModel(model: LoadedModel): Promise<void>;
  /** A model is open and answers, at the start, after a change, or anew after its worker died. */
  onOpened(): void;
  /** The adapter in use on the model that was opened last; null is the base model. */
  activeAdapter(): Promise<AdapterInUse | null>;
}

const isSame = (one: Settings['model'], other: Settings['model']): boolean =>
  (['path', 'device', 'threads', 'precision', 'server', 'serverModel'] as const).every(
    (key) => one[key] === other[key],
  );

/** A worker that dies again within this time is not started again by itself. */
const RESTART_MS = 60_000;

/** The model, what completes with it, and the memory of recent corrections. Changes of the model are made one after another. */
export class CompletionService {
  readonly engine: CompletionEngine;
  readonly recall: RecallMemory;
  /** The adapter that completions were last asked to use, whether or not it could be read. */
  adapter: number | null = null;
  private readonly model: LocalModel;
  private readonly changes = new SerialQueue();
  private settings: Settings;
  /** What the open model was opened with. */
  private opened: Settings['model'] | null = null;
  private diedAt = Number.NEGATIVE_INFINITY;
  private closed = false;
  private serverKey: ServerKey;
  /** The server that has the model failed at the last completion. */
  private silent = false;

  constructor(
    private readonly options: InitializationOptions,
    private readonly host: Host,
    private readonly needs: CompletionNeeds,
  ) {
    const { store, capture, context } = needs;
    this.settings = options.settings;
    this.serverKey = options.serverKey ?? null;
    this.recall = new RecallMemory(store);
    this.model = new LocalModel(
      join(__dirname, 'completion-worker.js'),
      options.embeddedModelPath,
      () => host.workspaceFolders[0],
      (message) => this.workerDied(message),
      (notice) => this.modelMoved(notice),
    );
    this.engine = new CompletionEngine(
      this.model.worker,
      {
        onOffer: (record) => capture.addCompletion(record),
        wasRejected: async ({ prefix, text }) => capture.isRejectedHere(prefix, text),
        recall: async (place) => this.recall.recall(place),
        context: (place) => context.at(place),
        corrections: ({ languageId }) => this.recall.kept(languageId),
      },
      engineSettings(this.settings),
    );
  }

  /** The model that answers; null while none is open. */
  get current(): LoadedModel | null {
    return this.model.current;
  }

  /** Takes new settings over; resolves once the model that they ask for is open, or the status says why none is. */
  async setSettings(settings: Settings): Promise<void> {
    const before = this.settings.model;
    this.settings = settings;
    this.engine.setSettings(engineSettings(settings));
    if (isSame(settings.model, before)) return;
    // Of several changes at once only the last one is left to do.
    await this.change(async () => {
      if (!this.current || this.opened === null || !isSame(this.opened, this.settings.model))
        await this.open();
    });
  }

  /** How likely an offer is; see the worker. */
  score(request: Omit<ScoreRequest, 'type'>): Promise<ScoredOffer> {
    return this.model.worker.score(request);
  }

  /** The key of a server; one that is in use is connected to anew with it. */
  async setServerKey(key: ServerKey): Promise<void> {
    this.serverKey = key;
    if (this.settings.model.server.trim() !== '') await this.openModel();
  }

  /** A completion failed. That of a server may go on failing, and nobody would know why nothing comes. */
  failed(sentence: string): void {
    if (!this.current?.info.server) return;
    this.silent = true;
    this.host.status.set('error', sentence);
  }

  /** @returns whether completions had failed until now */
  worked(): boolean {
    const { silent } = this;
    this.silent = false;
    return silent;
  }

  /** Opens the model of the settings, after any change that is under way. Never rejects: the status says what is wrong. */
  openModel(): Promise<void> {
    return this.change(() => this.open());
  }

  private change(work: () => Promise<void>): Promise<void> {
    return this.changes.run(work).catch((error: unknown) => {
      this.host.connection.console.error(errorMessage(error));
      this.host.status.set('error', errorMessage(error));
    });
  }

  /** Completions answer with this adapter from now on. One that cannot be read leaves the base model in use. */
  useAdapter(adapter: AdapterInUse | null): Promise<void> {
    return this.changes.run(() => this.swap(adapter));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.engine.modelChanged(false);
    // Ends an opening that is under way too: the queue is not waited for.
    await this.model.close();
  }

  private async open(): Promise<void> {
    if (this.closed) return;
    const { status, connection } = this.host;
    if (this.model.current)
      status.update({ message: 'Loading another model; the one before answers until then.' });
    else status.set('starting', 'Loading the model.');
    let loaded: LoadedModel;
    const settings = this.settings.model;
    this.opened = settings;
    try {
      loaded = await this.model.open(settings, this.serverKey);
    } catch (error) {
      if (this.closed) return;
      this.engine.modelChanged(false);
      status.set('error', errorMessage(error));
      connection.console.error(errorMessage(error));
      return;
    }
    // What the model before would have offered is forgotten.
    this.engine.modelChanged(false);
    const { info, directory } = loaded;
    if (loaded.trouble) warn(this.host, loaded.trouble);
    if (info.notice) warn(this.host, info.notice);
    const where = info.server ?? info.device;
    const what = directory === null ? info.name : basename(directory);
    connection.console.log(`Model ${what} (${info.hash}) runs on ${where}.`);
    await this.needs.onModel(loaded);
    const name = directory === this.options.embeddedModelPath ? 'embedded model' : info.name;
    status.update({ model: name, device: where });
    await this.swap(await this.needs.activeAdapter());
    if (this.model.current) this.needs.onOpened();
  }

  private async swap(adapter: AdapterInUse | null): Promise<void> {
    if (!this.model.current) return;
    let used = adapter;
    this.adapter = adapter?.id ?? null;
    try {
      await this.model.worker.setAdapter(adapter);
    } catch (error) {
      if (!this.model.current) return;
      used = null;
      const advice = '“Hindsight: Roll Back” chooses an older adapter.';
      warn(this.host, `${errorMessage(error)} The base model is used; ${advice}`);
      await this.model.worker.setAdapter(null);
    }
    this.engine.modelChanged(true);
    this.host.status.update({ adapter: used?.id ?? null });
  }

  /** The model's device failed in mid-run: it goes on, on the CPU. */
  private modelMoved(notice: string): void {
    warn(this.host, notice);
    this.host.status.update({ device: 'cpu' });
  }

  /** The worker died: completions end until it has been started anew, once. */
  private workerDied(message: string): void {
    this.engine.modelChanged(false);
    const now = Date.now();
    const again = now - this.diedAt > RESTART_MS;
    this.diedAt = now;
    this.host.connection.console.error(message);
    if (again) void this.openModel();
    else
      this.host.status.set(
        'error',
        `${message} Choose another model (hindsight.model.path) or restart the server.`,
      );
  }
}

function engineSettings({ completions }: Settings): EngineSettings {
  const { debounceMs, maxTokens, recall } = completions;
  return { debounceMs, maxTokens, recall };
}
