import { Batch } from './base/batch';
import { errorMessage } from './base/errors';
import type { Capture } from './capture/capture';
import { codePlace } from './completion/code-place';
import type { CompletionEngine } from './completion/engine';
import { displayPath } from './documents';
import type { LoadedModel } from './local-model';
import { OtherWindows } from './other-windows';
import type { FixOutcome, TakenFix } from './protocol/fixing';
import type { ClientRequests } from './protocol/messages';
import type { InitializationOptions, ServerKey, Settings } from './protocol/settings';
import type { ImportedAdapter, RoundSummary } from './protocol/types';
import type { WhyThis } from './protocol/why';
import { createCapture } from './services/capture';
import { CompletionService } from './services/completion';
import { type FixSearch, placeOfFix, searchFix } from './services/fix-test';
import { type Host, warn } from './services/host';
import { type ImportOrder, importForeignAdapter } from './services/import-adapter';
import { createLearning } from './services/learning';
import { PlaceContext } from './services/place-context';
import { RuleKeeper } from './services/rules';
import { createStore, keepTidy } from './services/store';
import { whyThis } from './services/why';
import { exportJsonl } from './store/export';
import type { FeedbackStore } from './store/store';
import type { ReadingThread } from './test-output/reading-thread';
import type { Progress, Training } from './training/training';
import { notify } from './wire';

type DeleteScope = ClientRequests['hindsight/delete'][0];

/**
 * Everything behind the wire, and how the rooms notify each other of changes. Store and capture come first: events are
 * taken and the panel is answered while the model still opens behind them.
 */
export class Services {
  readonly capture: Capture;
  readonly engine: CompletionEngine;
  readonly training: Training;
  readonly rules: RuleKeeper;
  /** What prompts show besides the file that is completed in. */
  readonly placeContext: PlaceContext;
  private readonly completion: CompletionService;
  private readonly reading: ReadingThread;
  private readonly others: OtherWindows;
  private stopTidying: () => void = () => {};
  private readonly changed = new Batch<string>(CHANGED_MS, (ids) => this.lookAtChanged(ids));
  private readonly unreported = new Batch<string>(REPORT_EVENTS_MS, (completionIds) =>
    notify(this.host.connection, 'hindsight/eventsChanged', { completionIds }),
  );

  private constructor(
    private readonly host: Host,
    private readonly options: InitializationOptions,
    readonly store: FeedbackStore,
    public settings: Settings,
    private trusted: boolean,
  ) {
    const onChanged = (ids: string[]) => this.changed.add(ids);
    const { capture, reading } = createCapture(options, host, { store, onChanged });
    const training = createLearning(options, host, {
      store,
      capture,
      onChanged,
      onAdapter: (adapter) => this.completion.useAdapter(adapter),
      onIdle: () => this.showCounts(),
    });
    this.placeContext = new PlaceContext({
      folders: () => host.workspaceFolders,
      excludedBecause: (uri) => capture.notCompletedBecause(uri),
      log: (text) => host.connection.console.log(text),
    });
    this.completion = new CompletionService(options, host, {
      store,
      capture,
      context: this.placeContext,
      onModel: async ({ info, directory }) => {
        const { device, threads } = this.settings.model;
        training.update({ modelDirectory: directory ?? '', modelHash: info.hash, device, threads });
        const lost = await training.takeOver(info.former).catch(errorMessage);
        if (lost) warn(host, lost);
      },
      onOpened: () => {
        this.schedule();
        this.showCounts();
      },
      activeAdapter: () => training.activeAdapter(),
    });
    this.others = new OtherWindows(store.values, {
      current: () => ({
        adapter: this.completion.adapter,
        learningPaused: host.status.current.learningPaused,
      }),
      stored: async () => ({
        adapter: (await training.activeAdapter())?.id ?? null,
        learningPaused: (await store.values.get(PAUSED)) === '1',
      }),
      onAdapter: async () => this.completion.useAdapter(await training.activeAdapter()),
      onPaused: (paused) => this.applyPaused(paused),
      onDeleted: () => this.deletedElsewhere(),
    });
    this.rules = new RuleKeeper(store, onChanged, () => training.unlearn());
    this.capture = capture;
    this.reading = reading;
    this.training = training;
    this.engine = this.completion.engine;
  }

  /**
   * Opens the store and begins to capture; the model opens behind it, and the status says how that goes.
   * @throws StoreError with one sentence where there can be no database at all
   */
  static async start(options: InitializationOptions, host: Host): Promise<Services> {
    const store = await createStore(options.storagePath, host);
    const services = new Services(host, options, store, options.settings, options.trusted);
    services.applyPaused((await store.values.get(PAUSED)) === '1');
    await services.others.start();
    // A deletion that an earlier server did not see through to the end.
    services.stopTidying = keepTidy(store, () => services.settings.storage.keepDays, host);
    void services.training.sweep().catch(() => undefined);
    void services.openModel();
    return services;
  }

  /** Folder of the model that comes along. */
  get embeddedModelPath(): string {
    return this.options.embeddedModelPath;
  }

  /** Why nothing is offered in this document, in one sentence; null where something may be. */
  async whyQuiet(uri: string): Promise<string | null> {
    const reason = await this.capture.notCompletedBecause(uri);
    return reason === null ? null : `Quiet here: ${reason}.`;
  }

  setFolders(folders: readonly string[]): void {
    this.capture.setFolders([...folders]);
    this.placeContext.reset();
  }

  setTrusted(trusted: boolean): void {
    this.trusted = trusted;
    this.capture.setTrusted(trusted);
    this.host.status.update({ trusted });
    this.schedule();
  }

  async setSettings(settings: Settings): Promise<void> {
    this.settings = settings;
    this.capture.setSettings(settings);
    this.placeContext.reset();
    this.training.update({ settings: settings.learning });
    await this.completion.setSettings(settings);
    this.schedule();
    this.showCounts();
  }

  setServerKey(key: ServerKey): Promise<void> {
    return this.completion.setServerKey(key);
  }

  completionFailed(sentence: string): void {
    this.completion.failed(sentence);
  }

  completionWorked(): void {
    if (!this.completion.worked()) return;
    this.host.status.set('idle', '');
    this.showCounts();
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
    const { activity, message } = this.host.status.current;
    if (!this.completion.current && activity === 'starting')
      throw new Error('The model is still loading; train once it is open.');
    localModel(this.completion.current, message);
    await this.capture.settleNow();
    return this.training.trainNow(signal, onProgress);
  }

  /** Searches for what makes a test pass; runs the developer's own command, and so in trusted workspaces only. */
  async fixTest(search: Omit<FixSearch, 'model' | 'device' | 'threads'>): Promise<FixOutcome> {
    if (!this.trusted)
      throw new Error('This workspace is not trusted, so no command of it is run. Trust it, then try again.');
    const model = localModel(this.completion.current, this.host.status.current.message);
    const { device, threads } = this.settings.model;
    return searchFix({ ...search, model, device, threads });
  }

  /** What the developer expected at a place. @returns false where nothing may be stored of its file */
  expected(
    at: { uri: string; languageId: string; line: number; character: number; text: string; offset: number },
    text: string,
    offered: string,
  ): Promise<boolean> {
    const { uri, languageId, line, character } = at;
    const { prefix, suffix } = codePlace(at.text, at.offset);
    const path = displayPath(uri, this.host.workspaceFolders);
    const modelHash = this.completion.current?.info.hash ?? '';
    const place = { uri, path, languageId, line, character, prefix, suffix, modelHash };
    return this.capture.expected(place, text.replaceAll('\r\n', '\n'), offered);
  }

  /** A fix was taken: a correction of weight 1. @returns false where nothing may be stored of its file */
  fixTaken(fix: TakenFix): Promise<boolean> {
    const modelHash = this.completion.current?.info.hash ?? '';
    return this.capture.fixTaken({ ...placeOfFix(fix, this.host.workspaceFolders), modelHash }, fix);
  }

  /** What an offer owes to what was learned; the last one with null. */
  why(completionId: string | null): Promise<WhyThis> {
    const { store, rules, completion } = this;
    const { storagePath } = this.options;
    const { recall, maxTokens } = this.settings.completions;
    const modelHash = completion.current?.directory ? completion.current.info.hash : null;
    const score: typeof completion.score = (request) => completion.score(request);
    const from = {
      store,
      rules,
      recall: completion.recall,
      recalls: recall,
      storagePath,
      maxTokens,
      modelHash,
      score,
    };
    return whyThis(from, completionId);
  }

  async rollBack(): Promise<ClientRequests['hindsight/rollBack'][1]> {
    if (this.training.isRunning) throw new Error('A round is running; cancel it before you roll back.');
    return this.training.rollBack();
  }

  async learnAgain(completionId: string | null): Promise<ClientRequests['hindsight/learnAgain'][1]> {
    const corrections = await this.training.learnAgain(completionId);
    const count = corrections === 1 ? 'One correction counts' : `${corrections} corrections count`;
    return {
      corrections,
      message: corrections === 0 ? 'Nothing is left out.' : `${count} again, from the next key on.`,
    };
  }

  /** An adapter from elsewhere: judged like a round's own, and in use where the gates let it in. */
  async importAdapter(
    order: Pick<ImportOrder, 'folder' | 'beside' | 'program' | 'signal'>,
  ): Promise<ImportedAdapter> {
    if (this.training.isRunning)
      throw new Error('A round is running; wait for it, or cancel it, then import.');
    const model = localModel(this.completion.current, this.host.status.current.message);
    const { device, threads } = this.settings.model;
    const { storagePath } = this.options;
    const imported = await importForeignAdapter({
      ...order,
      storagePath,
      model,
      device,
      threads,
    });
    if (imported.adapter !== null) await this.completion.useAdapter(await this.training.activeAdapter());
    return imported;
  }

  async deleteData(scope: DeleteScope): Promise<ClientRequests['hindsight/delete'][1]> {
    if (this.training.isRunning) throw new Error('A round is running; cancel it, then delete.');
    this.capture.forget(scope);
    await this.capture.flush();
    const { completions, adapters } = await this.store.delete(scope);
    await this.others.announceDeletion();
    await this.training.rebuildAfterDeletion(adapters);
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
    this.unreported.dispose();
    this.others.stop();
    this.stopTidying();
    await this.training.stop();
    await this.completion.close();
    await this.capture.flush();
    await this.reading.close();
    this.capture.dispose();
    await this.store.close();
  }

  private async openModel(): Promise<void> {
    try {
      await this.rules.load();
      await this.completion.recall.load();
    } catch (error) {
      // Without the memory of recent corrections completions are less good, not gone.
      this.host.connection.console.error(errorMessage(error));
    }
    await this.completion.openModel();
    this.schedule();
    this.showCounts();
  }

  private applyPaused(paused: boolean): void {
    this.training.setPaused(paused);
    this.host.status.update({ learningPaused: paused });
    this.showCounts();
  }

  /** Another window deleted feedback: a round that may have read it ends too. */
  private async deletedElsewhere(): Promise<void> {
    await this.forgetDeleted();
    await this.training.cancelForDeletion();
  }

  /** Feedback was deleted, here or in another window: what the memory still holds of it goes, and panels request it again. */
  private async forgetDeleted(): Promise<void> {
    await this.rules.load();
    await this.completion.recall.load();
    await this.capture.deleted();
    this.changed.add([]);
  }

  /** Rounds start by themselves only in a trusted workspace, and with a model. */
  private schedule(): void {
    if (this.trusted && this.completion.current?.directory) this.training.start();
    else void this.training.stop();
  }

  private lookAtChanged(ids: readonly string[]): void {
    this.unreported.add(ids);
    this.rules
      .refresh(ids)
      .then(() => this.completion.recall.refresh(ids))
      .catch((error: unknown) => this.host.connection.console.error(errorMessage(error)));
    this.showCounts();
  }

  private showCounts(): void {
    const { status } = this.host;
    Promise.all([this.store.events.count('ready'), this.store.completions.count()]).then(
      ([readyEvents, completions]) => {
        status.update({ readyEvents, completions });
        if (this.training.isRunning || status.current.activity === 'error') return;
        if (this.engine.isReady) status.set('idle', idleSentence(status.current.learningPaused, readyEvents));
      },
      () => undefined,
    );
  }
}

/**
 * Folder or file of the model in use.
 * @throws Error with one sentence where there is none that could be trained here
 */
function localModel(current: LoadedModel | null, otherwise: string): string {
  if (!current) throw new Error(otherwise);
  if (current.directory === null)
    throw new Error(
      `The model in use runs on ${current.info.server}, and only models of this machine are trained. What you do with its completions is stored and can be exported; “Hindsight: Choose Model” takes a model of this machine, which learns from it.`,
    );
  return current.directory;
}

const PAUSED = 'learning.paused';
const CHANGED_MS = 200;
/** The client is notified of changed events about once a second: each message costs the extension host time, and typing changes many. */
const REPORT_EVENTS_MS = 800;

function idleSentence(paused: boolean, ready: number): string {
  if (paused) return 'Learning is paused.';
  if (ready === 0) return 'Nothing new to learn from yet.';
  return `${ready} correction${ready === 1 ? '' : 's'} ready to learn from.`;
}
