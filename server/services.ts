import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Connection } from 'vscode-languageserver/node';
import { errorMessage } from './base/errors';
import { Batch } from './batch';
import { Capture } from './capture/capture';
import { CompletionEngine } from './completion/engine';
import { RecallMemory } from './completion/recall-memory';
import { type LoadedModel, LocalModel } from './local-model';
import { OtherWindows } from './other-windows';
import type { ClientRequests } from './protocol/messages';
import type { InitializationOptions, Settings } from './protocol/settings';
import type { RoundSummary } from './protocol/types';
import type { StatusBoard } from './status';
import { exportJsonl } from './store/export';
import type { AdapterRecord } from './store/records';
import { type FeedbackStore, openStore } from './store/store';
import { workspaceRows } from './training/round/workspace-rows';
import { type Progress, Training } from './training/training';
import { notify } from './wire';

/** The one who owns the services: the server, with its connection and status. */
export interface Host {
  readonly connection: Connection;
  readonly status: StatusBoard;
  readonly workspaceFolders: readonly string[];
}

type DeleteScope = ClientRequests['hindsight/delete'][0];

/** Everything behind the wire: store, model, completions, capture, training; and how they tell each other of changes. */
export class Services {
  readonly store: FeedbackStore;
  readonly capture: Capture;
  readonly engine: CompletionEngine;
  readonly training: Training;
  private readonly recall: RecallMemory;
  private readonly others: OtherWindows;
  /** The adapter that completions were last asked to use, whether or not it could be read. */
  private adapter: number | null = null;
  private readonly changed = new Batch<string>(CHANGED_MS, (ids) => this.lookAtChanged(ids));
  private readonly untold = new Batch<string>(TELL_EVENTS_MS, (completionIds) =>
    notify(this.host.connection, 'hindsight/eventsChanged', { completionIds }),
  );

  private readonly embeddedModelPath: string;

  private constructor(
    private readonly host: Host,
    options: InitializationOptions,
    private readonly model: LocalModel,
    store: FeedbackStore,
    public settings: Settings,
    private trusted: boolean,
  ) {
    this.store = store;
    this.embeddedModelPath = options.embeddedModelPath;
    this.recall = new RecallMemory(store);
    this.capture = new Capture({
      store,
      settings,
      trusted,
      folders: [...host.workspaceFolders],
      onChanged: (ids) => this.changed.add(ids),
      log: (text) => host.connection.console.log(text),
    });
    this.engine = new CompletionEngine(
      model.worker,
      {
        onOffer: (record) => this.capture.addCompletion(record),
        wasRejected: async ({ prefix, text }) => this.capture.isRejectedHere(prefix, text),
        recall: async (place) => this.recall.recall(place),
        corrections: ({ languageId }) => this.recall.kept(languageId),
      },
      engineSettings(settings),
    );
    this.training = new Training({
      store,
      storagePath: options.storagePath,
      modelDirectory: options.embeddedModelPath,
      modelHash: '',
      device: settings.model.device,
      threads: settings.model.threads,
      replayPath: join(options.embeddedModelPath, 'replay.json'),
      workspaceRows: (seed) =>
        workspaceRows(host.workspaceFolders, (uri) => this.capture.excludedBecause(uri) !== null, seed),
      settings: settings.learning,
      trainerEntry: join(__dirname, 'trainer.js'),
      onProgress: (progress) => this.trainingMoved(progress),
      onRound: (round) => notify(host.connection, 'hindsight/roundChanged', round),
      onEvents: (ids) => this.changed.add(ids),
      onAdapter: (adapter) => this.useAdapter(adapter),
    });
    this.others = new OtherWindows(store.values, {
      current: () => ({ adapter: this.adapter, learningPaused: host.status.current.learningPaused }),
      stored: async () => ({
        adapter: (await this.training.activeAdapter())?.id ?? null,
        learningPaused: (await store.values.get(PAUSED)) === '1',
      }),
      onAdapter: async () => this.useAdapter(await this.training.activeAdapter()),
      onPaused: (paused) => this.applyPaused(paused),
      onDeleted: () => this.forgetDeleted(),
    });
  }

  /** Opens the store, then the model. Rejects with one sentence where neither database nor model can be had. */
  static async start(options: InitializationOptions, host: Host): Promise<Services> {
    await mkdir(options.storagePath, { recursive: true });
    const warn = (text: string): void => {
      host.connection.console.warn(text);
      host.connection.window.showWarningMessage(`Hindsight: ${text}`);
    };
    const store = await openStore(join(options.storagePath, 'hindsight.db'), {
      onTrouble: warn,
      onRecovered: (text) => host.connection.console.log(text),
    });
    let services: Services | null = null;
    const model = new LocalModel(
      join(__dirname, 'completion-worker.js'),
      options.embeddedModelPath,
      (message) => services?.workerDied(message),
      (notice) => services?.modelMoved(notice),
    );
    services = new Services(host, options, model, store, options.settings, options.trusted);
    await services.recall.load();
    services.applyPaused((await store.values.get(PAUSED)) === '1');
    await services.openModel();
    services.schedule();
    await services.others.start();
    return services;
  }

  /** True where completions are not wanted at all: files that hold secrets, or that the settings exclude. */
  isExcluded(uri: string): boolean {
    return this.trusted && this.capture.excludedBecause(uri) !== null;
  }

  setFolders(folders: readonly string[]): void {
    this.capture.setFolders([...folders]);
  }

  setTrusted(trusted: boolean): void {
    this.trusted = trusted;
    this.capture.setTrusted(trusted);
    this.host.status.update({ trusted });
    this.schedule();
  }

  async setSettings(settings: Settings): Promise<void> {
    const before = this.settings.model;
    this.settings = settings;
    this.capture.setSettings(settings);
    this.engine.setSettings(engineSettings(settings));
    this.training.update({ settings: settings.learning });
    const keys = ['path', 'device', 'threads', 'precision'] as const;
    if (keys.some((key) => settings.model[key] !== before[key])) await this.openModel();
    this.tellStatus();
  }

  async setLearningPaused(paused: boolean): Promise<void> {
    await this.store.values.set(PAUSED, paused ? '1' : '0');
    this.applyPaused(paused);
  }

  /** Train Now: what is edited and saved counts at once. */
  async trainNow(signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<RoundSummary> {
    if (!this.trusted) {
      throw new Error('This workspace is not trusted, so nothing is learned in it. Trust it, then train.');
    }
    if (!this.model.current) throw new Error(this.host.status.current.message);
    await this.capture.settleNow();
    return this.training.trainNow(signal, onProgress);
  }

  async rollBack(): Promise<{ adapter: number | null; message: string }> {
    if (this.training.isRunning) throw new Error('A round is running; cancel it before you roll back.');
    return this.training.rollBack();
  }

  async deleteData(scope: DeleteScope): Promise<ClientRequests['hindsight/delete'][1]> {
    if (this.training.isRunning) throw new Error('A round is running; cancel it, then delete.');
    this.capture.forget(scope);
    await this.capture.flush();
    const { completions, adapters } = await this.store.delete(scope);
    await this.training.rebuildAfterDeletion(adapters);
    await this.others.tellDeleted();
    await this.forgetDeleted();
    const learned =
      adapters.length === 0
        ? ''
        : ` ${adapters.length} adapter(s) had learned from it and are gone too; the next round starts from the base model.`;
    return {
      completions,
      adapters: adapters.length,
      message: `Deleted ${completions} completion(s) for good.${learned}`,
    };
  }

  async exportData(path: string): Promise<{ rows: number }> {
    return { rows: await exportJsonl(this.store, path) };
  }

  async close(): Promise<void> {
    this.changed.dispose();
    this.untold.dispose();
    this.others.stop();
    await this.training.stop();
    await this.capture.flush();
    this.capture.dispose();
    await this.model.close();
    await this.store.close();
  }

  private async openModel(): Promise<void> {
    const { status, connection } = this.host;
    status.say('starting', 'Loading the model.');
    this.engine.setModel(null, null);
    let loaded: LoadedModel;
    try {
      loaded = await this.model.open(this.settings.model);
    } catch (error) {
      status.say('error', errorMessage(error));
      connection.console.error(errorMessage(error));
      return;
    }
    if (loaded.trouble) connection.window.showWarningMessage(`Hindsight: ${loaded.trouble}`);
    const { info, directory } = loaded;
    if (info.notice) connection.window.showWarningMessage(`Hindsight: ${info.notice}`);
    connection.console.log(`Model ${basename(directory)} (${info.hash}) runs on ${info.device}.`);
    const { device, threads } = this.settings.model;
    this.training.update({ modelDirectory: directory, modelHash: info.hash, device, threads });
    const name = directory === this.embeddedModelPath ? 'embedded model' : info.name;
    status.update({ model: name, device: info.device });
    await this.useAdapter(await this.training.activeAdapter());
    this.tellStatus();
  }

  /** Completions answer with this adapter from now on. One that cannot be read leaves the base model in use. */
  private async useAdapter(adapter: (AdapterRecord & { path: string }) | null): Promise<void> {
    const loaded = this.model.current;
    if (!loaded) return;
    let used = adapter;
    this.adapter = adapter?.id ?? null;
    try {
      await this.model.worker.setAdapter(adapter?.path ?? null);
    } catch (error) {
      used = null;
      this.host.connection.window.showWarningMessage(
        `Hindsight: ${errorMessage(error)} The base model is used; “Hindsight: Roll Back” chooses an older adapter.`,
      );
    }
    this.engine.setModel(loaded.info, used?.id ?? null);
    this.host.status.update({ adapter: used?.id ?? null });
  }

  private applyPaused(paused: boolean): void {
    this.training.setPaused(paused);
    this.host.status.update({ learningPaused: paused });
    this.tellStatus();
  }

  /** Feedback was deleted, here or in another window: what the memory still holds of it goes, and panels ask again. */
  private async forgetDeleted(): Promise<void> {
    await this.recall.load();
    this.changed.add([]);
  }

  /** The model's device failed in mid-run: it goes on, on the CPU. */
  private modelMoved(notice: string): void {
    this.host.connection.window.showWarningMessage(`Hindsight: ${notice}`);
    this.host.status.update({ device: 'cpu' });
  }

  /** The worker died: completions end until it has been started anew, once. */
  private workerDied(message: string): void {
    this.engine.setModel(null, null);
    const now = Date.now();
    const again = now - this.diedAt > RESTART_MS;
    this.diedAt = now;
    this.host.connection.console.error(message);
    if (again) void this.openModel();
    else
      this.host.status.say(
        'error',
        `${message} Choose another model (hindsight.model.path) or restart the server.`,
      );
  }
  private diedAt = 0;

  /** Rounds start by themselves only in a trusted workspace. */
  private schedule(): void {
    if (this.trusted) this.training.start();
    else void this.training.stop();
  }

  private trainingMoved(progress: (Progress & { paused: boolean }) | null): void {
    if (!progress) {
      this.tellStatus();
      return;
    }
    this.host.status.update({
      activity: progress.paused ? 'paused' : 'training',
      message: progress.paused ? 'Training waits while you type.' : progress.message,
      progress: progress.fraction,
    });
  }

  private lookAtChanged(ids: readonly string[]): void {
    this.untold.add(ids);
    this.recall
      .refresh(ids)
      .catch((error: unknown) => this.host.connection.console.error(errorMessage(error)));
    this.tellStatus();
  }

  private tellStatus(): void {
    const { status } = this.host;
    Promise.all([this.store.events.count('ready'), this.store.completions.count()]).then(
      ([readyEvents, completions]) => {
        status.update({ readyEvents, completions });
        if (this.training.isRunning || status.current.activity === 'error') return;
        if (this.model.current) status.say('idle', idleSentence(status.current.learningPaused, readyEvents));
      },
      () => undefined,
    );
  }
}

const PAUSED = 'learning.paused';
const RESTART_MS = 60_000;
const CHANGED_MS = 200;
/** The client is told of changed events about once a second: each message costs the extension host time, and typing changes many. */
const TELL_EVENTS_MS = 800;

function engineSettings({ completions }: Settings): {
  debounceMs: number;
  maxTokens: number;
  recall: boolean;
} {
  const { debounceMs, maxTokens, recall } = completions;
  return { debounceMs, maxTokens, recall };
}

function idleSentence(paused: boolean, ready: number): string {
  if (paused) return 'Learning is paused.';
  if (ready === 0) return 'Nothing new to learn from yet.';
  return `${ready} correction${ready === 1 ? '' : 's'} ready to learn from.`;
}
