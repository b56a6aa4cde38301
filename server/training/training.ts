/** Learning as the server sees it: Train Now, the idle scheduler, pause, roll back, and a new start after a deletion. */

import { randomUUID } from 'node:crypto';
import { errorMessage } from '../base/errors';
import type { Device, Model } from '../model/types';
import type { Settings } from '../protocol/settings';
import type { RoundSummary } from '../protocol/types';
import type { AdapterRecord } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { ofModel, readyAfter, rememberReady, valueOfModel } from './model-values';
import { rollBack } from './roll-back';
import { AdapterFolder } from './round/adapter-folder';
import { LEASE, LEASE_MS } from './round/lease';
import { BusyError, NoEventsError, type Progress, Round, type RoundOutcome } from './round/rounds';
import { isSweepDue, sweepDeleted } from './round/sweep';
import { onBattery, whyNotNow } from './schedule';
import type { ReplayRow } from './types';
import { FROM_BASE, giveUpOwed, isOwed, oweRounds, paid } from './unlearn';

export type { Progress } from './round/rounds';
export { BusyError, NoEventsError } from './round/rounds';

export interface TrainingOptions {
  store: FeedbackStore;
  /** The extension's global storage: adapters and checkpoints live here. */
  storagePath: string;
  modelDirectory: string;
  /** `Model.hash` of that folder: which adapters belong to it. */
  modelHash: string;
  device?: Device | 'auto';
  threads?: number;
  /** media/model/replay.json; null for none, and then nothing is ever promoted. */
  replayPath: string | null;
  /** Code of the workspace that must not be forgotten either (at most 40 rows are used); asked once a round. */
  workspaceRows?(seed: number): Promise<ReplayRow[]>;
  settings: Settings['learning'];
  /** false trains on every event, whatever the gates say; for comparisons. Default true. */
  gated?: boolean;
  /** dist/trainer.js, or server/training/trainer/main.ts where tsx is installed. */
  trainerEntry: string;
  /** A round began, moved on or paused: for the status bar. null when none runs any more. */
  onProgress?(progress: (Progress & { paused: boolean }) | null): void;
  onRound?(round: RoundSummary): void;
  onEvents?(completionIds: string[]): void;
  /** The adapter in use has changed; null is the base model. Resolves when completions use it. */
  onAdapter?(adapter: (AdapterRecord & { path: string }) | null): void | Promise<void>;
  /** One sentence about what failed where nobody waits for it. */
  onTrouble?(sentence: string): void;
}

/** Quiet time after a keystroke before a paused round goes on. */
const QUIET_MS = 2000;
const SCHEDULER_MS = 15_000;
/** How long a deletion waits for another window's round to end. */
const SWEEP_WAIT_MS = 5_000;
/** After so many trained events, a round starts again from the base model. */
const RESTART_AFTER = 200;
const SINCE_BASE = 'training.eventsSinceBase';

export class Training {
  private options: TrainingOptions;
  private readonly folder: AdapterFolder;
  private round: Round | null = null;
  private last: Progress = { fraction: 0, message: '' };
  private paused = false;
  private timer: NodeJS.Timeout | null = null;
  private quiet: NodeJS.Timeout | null = null;
  private typedAt = Date.now();
  private endedAt: number | null = null;
  /** A round is being made: it counts as running before it is. */
  private starting = false;
  private trouble = '';
  private abort: AbortController | null = null;
  private sweeping: NodeJS.Timeout | undefined;
  private ending: Promise<unknown> = Promise.resolve();

  constructor(options: TrainingOptions) {
    this.options = options;
    this.folder = new AdapterFolder(options.storagePath);
  }

  get isRunning(): boolean {
    return this.round !== null || this.starting;
  }

  /** New settings, or another model. A running round goes on with what it began with. */
  update(
    change: Partial<
      Pick<TrainingOptions, 'settings' | 'modelDirectory' | 'modelHash' | 'device' | 'threads'>
    >,
  ): void {
    this.options = { ...this.options, ...change };
  }

  /**
   * Takes over what earlier versions trained for this model, where it was trained on the same weights.
   *
   * @returns a sentence where the adapter in use was not, and is no longer used; null otherwise
   */
  async takeOver(former: Model['former']): Promise<string | null> {
    const { store, modelHash } = this.options;
    if (!former || !(await store.adapters.takeOver(former.hash, modelHash, former.changedAt))) return null;
    return 'The adapter in use was trained before the model’s files last changed and may belong to other weights: the base model is used, train again.';
  }

  /** The adapter in use for this model with its folder; null is the base model. A folder that is gone counts as none. */
  async activeAdapter(): Promise<(AdapterRecord & { path: string }) | null> {
    const record = await this.options.store.adapters.active(this.options.modelHash);
    return record && this.folder.exists(record) ? this.withPath(record) : null;
  }

  /**
   * Runs one round now.
   * @param signal aborts it; everything is then as before
   * @throws BusyError, NoEventsError with one sentence
   */
  async trainNow(
    signal: AbortSignal = new AbortController().signal,
    onProgress: (progress: Progress) => void = () => {},
    objective = 'default',
  ): Promise<RoundSummary> {
    if (this.isRunning) throw new Error('A round is already running.');
    this.starting = true;
    try {
      return await this.runRound(signal, onProgress, objective);
    } finally {
      this.starting = false;
    }
  }

  private async runRound(
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
    objective: string,
  ): Promise<RoundSummary> {
    const {
      store,
      settings,
      device = 'auto',
      threads = 0,
      storagePath,
      modelDirectory,
      modelHash,
    } = this.options;
    const fromBase = await this.startsFromBase();
    const round = new Round({
      store,
      storagePath,
      modelDirectory,
      device,
      threads,
      replayPath: this.options.replayPath,
      workspaceRows: this.options.workspaceRows,
      trainerEntry: this.options.trainerEntry,
      maxSeconds: settings.maxSeconds,
      objective,
      fromBase,
      gated: this.options.gated ?? true,
      onRound: (summary) => this.options.onRound?.(summary),
      onEvents: (ids) => this.options.onEvents?.(ids),
      onTrouble: (sentence) => this.options.onTrouble?.(sentence),
    });
    this.round = round;
    // What comes during the round, or did not go into it where it was used, is new to the next.
    let seen = await store.events.count('ready');
    const abort = new AbortController();
    this.abort = abort;
    const running = round.run(AbortSignal.any([signal, abort.signal]), (progress) => {
      this.last = progress;
      onProgress(progress);
      this.notify();
    });
    this.ending = running.catch(() => undefined);
    try {
      const outcome = await running;
      if (outcome.adapter) seen = 0;
      await this.settle(outcome, fromBase);
      if (outcome.round.state === 'rejected' && (await giveUpOwed(store, modelHash)))
        await this.options.onAdapter?.(null);
      return outcome.round;
    } finally {
      this.abort = null;
      this.round = null;
      this.endedAt = Date.now();
      // A timer that is left over would keep the next round from pausing at the first keystroke.
      if (this.quiet) clearTimeout(this.quiet);
      this.quiet = null;
      await rememberReady(store, [modelHash], seen).catch((error: unknown) =>
        this.options.onTrouble?.(errorMessage(error)),
      );
      this.options.onProgress?.(null);
    }
  }

  /**
   * Goes back to the adapter before the one in use; the base model where there was none. What only the one in use had
   * learned is neither learned nor recalled until `learnAgain`.
   * @returns `undone`: how many corrections that were
   */
  async rollBack(): Promise<{ adapter: number | null; undone: number; message: string }> {
    const { store, modelHash } = this.options;
    const back = await rollBack(store, modelHash, this.folder);
    if (!back)
      return {
        adapter: null,
        undone: 0,
        message: 'The base model is in use; there is nothing to roll back.',
      };
    const { previous, completions, round, message } = back;
    await rememberReady(store, [modelHash]);
    this.options.onEvents?.(completions);
    if (round) this.options.onRound?.(round);
    await this.options.onAdapter?.(previous && this.withPath(previous));
    return { adapter: previous?.id ?? null, undone: completions.length, message };
  }

  /**
   * What was rolled back is to be learned again, and rides along in prompts until it is.
   * @param completionId the one correction; null for all
   * @returns how many there were
   */
  async learnAgain(completionId: string | null): Promise<number> {
    const completions = await this.options.store.events.learnAgain(completionId);
    this.options.onEvents?.(completions);
    return completions.length;
  }

  /** Learning paused by the developer: no round starts, a running one waits. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    if (paused) this.pause();
    else this.resume();
  }

  /** Stops a running round where it is; its seconds do not count. */
  pause(): void {
    this.round?.pause();
    this.notify(true);
  }

  resume(): void {
    if (this.paused) return;
    this.round?.resume();
    this.notify(false);
  }

  /** A keystroke: a running round stops at once and goes on after two quiet seconds. */
  noteTyping(): void {
    this.typedAt = Date.now();
    if (!this.round) return;
    if (this.quiet) clearTimeout(this.quiet);
    else this.pause();
    this.quiet = setTimeout(() => {
      this.quiet = null;
      this.resume();
    }, QUIET_MS);
  }

  /** Rounds start by themselves from now on, when the settings and the moment allow it. */
  start(): void {
    this.timer ??= setInterval(() => void this.consider(), SCHEDULER_MS);
    this.timer.unref();
  }

  /** Ends the scheduler and a running round, which leaves all as before. Resolves when nothing is written any more. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    if (this.quiet) clearTimeout(this.quiet);
    this.timer = this.quiet = null;
    clearTimeout(this.sweeping);
    this.abort?.abort();
    await this.ending;
  }

  /** Why no round starts by itself just now; null where one may. */
  async whyNotNow(): Promise<string | null> {
    const { store, settings } = this.options;
    const readyEvents = await store.events.count('ready');
    const moment = {
      now: Date.now(),
      lastTyping: this.typedAt,
      // Of an earlier server too: a restart is no reason to train again at once.
      lastRoundEnded: this.endedAt ?? (await store.rounds.list(1))[0]?.endedAt ?? null,
      readyEvents,
      readyAfterLastRound: await readyAfter(store, this.options.modelHash, readyEvents),
      paused: this.paused,
      running: this.isRunning,
      owed: await isOwed(store, this.options.modelHash),
      onBattery: null,
    };
    const why = whyNotNow(moment, settings);
    // The machine is asked last: that is a process or a few files.
    return why ?? whyNotNow({ ...moment, onBattery: await onBattery() }, settings);
  }

  /**
   * What counts no longer (it is left out already) is unlearned by a round that starts by itself; see unlearn.ts. One that runs
   * ends, for it may have read it.
   */
  async unlearn(): Promise<void> {
    this.abort?.abort();
    await this.ending;
    if (await oweRounds(this.options.store)) await this.options.onAdapter?.(null);
  }

  /**
   * After a deletion: what had learned from the deleted goes, and the next round starts from the base model on what is
   * left, so that deletion is exact.
   * @param removed the adapters `deleteData` took off the list
   */
  async rebuildAfterDeletion(removed: readonly AdapterRecord[]): Promise<void> {
    if (removed.length > 0) {
      await this.folder.remove(removed);
      const hashes = new Set(removed.map(({ modelHash }) => modelHash));
      for (const hash of hashes) await this.options.store.values.set(ofModel(FROM_BASE, hash), '1');
      await rememberReady(this.options.store, hashes);
      // An ancestor could still be listed as in use; it stays: it had not learned from what was deleted.
      await this.options.onAdapter?.(await this.activeAdapter());
    }
    await this.sweep(SWEEP_WAIT_MS);
  }

  /** Another window deleted feedback: a round that may have read it ends, and what it leaves on disk goes. */
  async cancelForDeletion(): Promise<void> {
    this.abort?.abort();
    await this.ending;
    await this.sweep();
  }

  /**
   * Removes what unfinished rounds left on disk of deleted feedback. Where another window trains it is tried again later,
   * until it is gone.
   * @param waitMs how long to wait for that window, which ends its round when it sees the deletion
   */
  async sweep(waitMs = 0): Promise<void> {
    const { store } = this.options;
    clearTimeout(this.sweeping);
    const holder = randomUUID();
    for (const start = Date.now(); await isSweepDue(store); ) {
      if (await store.leases.take(LEASE, holder, LEASE_MS)) {
        await sweepDeleted(store, this.folder).finally(() => store.leases.release(LEASE, holder));
        return;
      }
      if (Date.now() - start >= waitMs) {
        this.sweeping = setTimeout(() => void this.sweep().catch(() => undefined), SCHEDULER_MS).unref();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** One look of the scheduler. What keeps failing is said once, until it goes well or fails otherwise. */
  async consider(): Promise<void> {
    try {
      if ((await this.whyNotNow()) === null && !this.isRunning) await this.trainNow();
      this.trouble = '';
    } catch (error) {
      // Another window trains, or the only new corrections are held back: as it should be.
      if (error instanceof BusyError || error instanceof NoEventsError) return;
      const message = `No round can start by itself: ${errorMessage(error)}`;
      if (message !== this.trouble) this.options.onTrouble?.(message);
      this.trouble = message;
    }
  }

  private async startsFromBase(): Promise<boolean> {
    const { store, modelHash } = this.options;
    if ((await valueOfModel(store, FROM_BASE, modelHash)) === '1') return true;
    // Another model than the one that was trained: nothing of it is learned yet.
    if (!(await store.adapters.active(modelHash)) && (await store.events.count('trained')) > 0) return true;
    return Number((await valueOfModel(store, SINCE_BASE, modelHash)) ?? 0) >= RESTART_AFTER;
  }

  private async settle({ round, adapter }: RoundOutcome, fromBase: boolean): Promise<void> {
    if (!adapter) return;
    const { store } = this.options;
    const { values } = store;
    const { modelHash } = adapter;
    const since = fromBase ? 0 : Number((await valueOfModel(store, SINCE_BASE, modelHash)) ?? 0);
    await values.set(ofModel(SINCE_BASE, modelHash), String(since + round.events));
    if (fromBase) await paid(store, modelHash);
    await this.options.onAdapter?.(this.withPath(adapter));
  }

  private withPath(record: AdapterRecord): AdapterRecord & { path: string } {
    return { ...record, path: this.folder.absolute(record) };
  }

  private notify(paused = false): void {
    if (this.round) this.options.onProgress?.({ ...this.last, paused });
  }
}
