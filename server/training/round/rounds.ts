/**
 * One round from the server's side: takes the lease, gathers the events, runs the trainer process, stores what it tells,
 * and puts the new adapter in use or throws it away. The server is the database's one writer.
 */

import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { errorMessage } from '../../base/errors';
import type { Device } from '../../model/types';
import type { RoundSummary } from '../../protocol/types';
import type { AdapterRecord } from '../../store/records';
import type { FeedbackStore } from '../../store/store';
import { objectiveNamed } from '../objectives';
import { roundOptions } from '../round-options';
import type { EventGates, FromTrainer, ReplayRow, RoundResult, TrainingJob } from '../types';
import { AdapterFolder } from './adapter-folder';
import { type Gathered, gather, screenSecrets } from './gather';
import { LEASE, LEASE_MS, LeaseKeeper, LeaseLost } from './lease';
import { closeAbandoned, recordResult, settleEvents, stopNote } from './record-result';
import { readReplayPool } from './replay-pool';
import { isSweepDue, sweepDeleted } from './sweep';
import { TrainerProcess } from './trainer-process';

export interface RoundSettings {
  store: FeedbackStore;
  storagePath: string;
  modelDirectory: string;
  device: Device | 'auto';
  threads: number;
  replayPath: string | null;
  /** Code of the workspace that must not be forgotten either; asked once a round. */
  workspaceRows?(seed: number): Promise<ReplayRow[]>;
  trainerEntry: string;
  maxSeconds: number;
  /** Name of the objective; 'default' unless someone chooses. */
  objective: string;
  /** Starts from the base model on all stored events. */
  fromBase: boolean;
  /** false trains on every event, whatever the gates say. */
  gated: boolean;
  onRound(round: RoundSummary): void;
  /** Completions whose status or advantages changed. */
  onEvents(completionIds: string[]): void;
  /** One sentence about what failed beside the round. */
  onTrouble(sentence: string): void;
}

export interface Progress {
  /** In [0, 1]. */
  fraction: number;
  message: string;
}

export interface RoundOutcome {
  round: RoundSummary;
  /** The adapter now in use, where the round brought one. */
  adapter: AdapterRecord | null;
  modelHash: string | null;
}

/** A running round is stored at most this often. */
const STORE_MS = 2000;

/** Another window trains; only one trainer runs on a machine. */
export class BusyError extends Error {}
/** There is no event to train on. */
export class NoEventsError extends Error {}

export class Round {
  private trainer: TrainerProcess | null = null;
  private pausedBefore = false;

  constructor(private readonly settings: RoundSettings) {}

  pause(): void {
    this.pausedBefore = true;
    this.trainer?.pause();
  }

  resume(): void {
    this.pausedBefore = false;
    this.trainer?.resume();
  }

  /**
   * Runs to the end. A crash of the trainer, a cancel or a rejected adapter leave everything as it was before.
   * @throws BusyError, NoEventsError with one sentence; nothing was stored then
   */
  async run(signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<RoundOutcome> {
    const { store } = this.settings;
    const holder = randomUUID();
    if (!(await store.leases.take(LEASE, holder, LEASE_MS))) {
      throw new BusyError('Another window is training at the moment; try again when it has finished.');
    }
    const lease = new LeaseKeeper(store.leases, holder, this.settings);
    try {
      await closeAbandoned(store);
      if (await isSweepDue(store)) await sweepDeleted(store, new AdapterFolder(this.settings.storagePath));
      onProgress({ fraction: 0, message: 'Collecting corrections' });
      const gathered = await gather(store, this.settings.fromBase);
      const { clean, secret } = await screenSecrets(gathered.fresh);
      gathered.fresh = clean;
      for (const event of secret) {
        const gate = { name: 'no secret', passed: false, value: null, threshold: null };
        await store.events.settle(event, 'gated-out', 'It holds what looks like a secret.', [gate]);
      }
      if (gathered.fresh.length === 0) {
        throw new NoEventsError(nothingNew(await store.events.count('rolled-back')));
      }
      return await this.train(gathered, AbortSignal.any([signal, lease.lost]), onProgress);
    } finally {
      await lease.release();
    }
  }

  private async train(
    gathered: Gathered,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<RoundOutcome> {
    const { store, storagePath, gated } = this.settings;
    const folder = new AdapterFolder(storagePath);
    await folder.sweep(await store.adapters.all());
    const startedAt = Date.now();
    const round = await store.rounds.start(startedAt, gathered.fresh.length);
    const { id } = round;
    const read = [...gathered.fresh, ...gathered.rehearsed].map((event) => event.id);
    await store.rounds.linkEvents(id, read, false);
    round.message = 'Training.';
    this.settings.onRound({ ...round });
    const checkpointPath = folder.checkpoint;
    let gates: EventGates[] = [];
    let parent: AdapterRecord | null = null;
    let modelHash: string | null = null;
    let end: RoundOutcome['round']['state'] = 'failed';
    let adapter: AdapterRecord | null = null;
    try {
      const result = await this.conduct(
        round,
        signal,
        onProgress,
        async (hash, parameters) => {
          modelHash = hash;
          parent = this.settings.fromBase ? null : await store.adapters.active(hash);
          if (parent && !folder.exists(parent)) parent = null;
          const start = parent && folder.absolute(parent);
          return this.job(gathered, id, start, folder.unfinished(id), checkpointPath, parameters);
        },
        (told) => {
          gates = told;
        },
      );
      if (signal.reason instanceof LeaseLost) throw signal.reason;
      recordResult(round, result);
      await rm(checkpointPath, { force: true });
      end = result.verdict.state;
      round.message = `${result.verdict.message} ${stopNote(result)}`.trim();
      const used = end !== 'rejected';
      if (used) adapter = await this.accept(folder, round, result, modelHash!, parent, read);
      this.settings.onEvents(await settleEvents(store, gathered, gates, { id, learned: used, gated }));
    } catch (error) {
      if (error instanceof Cancelled) {
        end = 'cancelled';
        await rm(checkpointPath, { force: true });
      } else if (error instanceof Nothing) {
        end = 'rejected';
        this.settings.onEvents(await settleEvents(store, gathered, gates, { id, learned: false, gated }));
      }
      round.message = errorMessage(error);
    }
    await folder.discard(id);
    round.state = end;
    round.endedAt = Date.now();
    round.seconds ??= (round.endedAt - startedAt) / 1000;
    await store.rounds.update(round);
    this.settings.onRound(round);
    return { round, adapter, modelHash };
  }

  /** Runs the trainer process; resolves with its result. */
  private conduct(
    round: RoundSummary,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
    makeJob: (modelHash: string, parameters: number) => Promise<TrainingJob>,
    onGates: (gates: EventGates[]) => void,
  ): Promise<RoundResult> {
    const { store, modelDirectory, device, threads } = this.settings;
    let stored = Date.now();
    const writes: Promise<unknown>[] = [];
    // A write that fails loses what the panel would show, not the round.
    let failed = false;
    const write = (written: Promise<unknown>) =>
      writes.push(
        written.catch((error: unknown) => {
          if (!failed) this.settings.onTrouble(errorMessage(error));
          failed = true;
        }),
      );
    const result = new Promise<RoundResult>((resolve, reject) => {
      const receive = (message: FromTrainer) => {
        switch (message.type) {
          case 'opened':
            makeJob(message.modelHash, message.parameters).then(
              (job) => trainer.send({ type: 'train', job }),
              reject,
            );
            return;
          case 'phase':
            return onProgress({ fraction: message.progress, message: message.text });
          case 'gates':
            return onGates(message.gates);
          case 'advantages':
            write(store.advantages.put(message.completionId, round.id, message.context, message.tokens));
            return this.settings.onEvents([message.completionId]);
          case 'step': {
            round.steps.push(message.step);
            const { step, loss } = message.step;
            onProgress({ fraction: message.progress, message: `Step ${step}, loss ${loss.toFixed(2)}` });
            if (Date.now() - stored < STORE_MS) return;
            stored = Date.now();
            write(store.rounds.update(round));
            return this.settings.onRound({ ...round, steps: [...round.steps] });
          }
          case 'done':
            return resolve(message.result);
          case 'nothing':
            return reject(new Nothing(message.message));
          case 'failed':
            return reject(new Error(message.message));
        }
      };
      const trainer = new TrainerProcess(this.settings.trainerEntry, receive, (why) =>
        reject(new Error(why)),
      );
      this.trainer = trainer;
      const cancel = () => reject(signal.reason instanceof LeaseLost ? signal.reason : new Cancelled());
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      trainer.send({ type: 'open', modelDirectory, device, threads });
      if (this.pausedBefore) trainer.pause();
    });
    return result.finally(async () => {
      this.trainer?.kill();
      this.trainer = null;
      await Promise.all(writes);
    });
  }

  private async job(
    gathered: Gathered,
    roundId: number,
    adapterDirectory: string | null,
    outputDirectory: string,
    checkpointPath: string,
    parameters: number,
  ): Promise<TrainingJob> {
    const { maxSeconds, replayPath, objective } = this.settings;
    const own = (await this.settings.workspaceRows?.(roundId)) ?? [];
    const pool = await readReplayPool(replayPath, gathered.kept, 1, own);
    const texts = gathered.fresh.filter(({ solution }) => solution !== null).length;
    return {
      objective: objectiveNamed(objective),
      options: roundOptions(maxSeconds, texts, parameters),
      adapterDirectory,
      events: gathered.fresh,
      rehearsed: gathered.rehearsed,
      heldOut: gathered.heldOut,
      heldOutBy: gathered.heldOutBy,
      replay: pool.train,
      replayHeld: pool.held,
      outputDirectory,
      checkpointPath,
      gated: this.settings.gated,
    };
  }

  private async accept(
    folder: AdapterFolder,
    round: RoundSummary,
    result: RoundResult,
    modelHash: string,
    parent: AdapterRecord | null,
    read: readonly number[],
  ): Promise<AdapterRecord> {
    const { store } = this.settings;
    const directory = await folder.accept(round.id);
    const record = {
      createdAt: Date.now(),
      roundId: round.id,
      modelHash,
      hash: result.adapterHash,
      directory,
      parent: parent?.id ?? null,
    };
    let id: number;
    try {
      id = await store.adapters.register(record, read);
    } catch (error) {
      await folder.remove([record]);
      throw error;
    }
    round.adapter = id;
    await folder.prune(await store.adapters.list(modelHash));
    return { ...record, id, active: true };
  }
}

function nothingNew(rolledBack: number): string {
  return rolledBack === 0
    ? 'There is nothing new to learn from yet: accept a completion and correct it.'
    : `There is nothing new to learn from yet; corrections that were rolled back (${rolledBack}) are left out until you say Learn Again.`;
}

class Cancelled extends Error {
  constructor() {
    super('Cancelled; everything is as it was before.');
  }
}

class Nothing extends Error {}
