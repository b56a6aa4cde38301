import { Worker } from 'node:worker_threads';
import { forbidReports } from '../graph/runtime-reports';
import type { Device } from '../model/types';
import type { ScoredOffer } from './score-offer';
import type { ServedAddress } from './served/address';
import type {
  Completed,
  CompleteRequest,
  ConnectRequest,
  FromWorker,
  ModelInfo,
  OpenRequest,
  ReadAheadRequest,
  ScoreRequest,
  WorkerAdapter,
  WorkerAnswer,
  WorkerRequest,
} from './types';

export type OpenOptions = Omit<OpenRequest, 'type' | 'newest'>;

/** The thread ended by itself: what it was asked may be asked of another one. */
export class WorkerDied extends Error {
  override name = 'WorkerDied';
}

/** A request that waits for its answer. */
interface Pending {
  worker: Worker;
  type: WorkerRequest['type'];
  /** null: a newer completion replaced this one. */
  resolve(answer: WorkerAnswer | null): void;
  reject(error: Error): void;
}

/**
 * The main thread's side of the completion worker. One completion is in flight at most; a newer one makes the older
 * stop within one model run, and resolves it with null. A closed or dead worker leaves nothing waiting.
 */
export class CompletionWorker {
  /** The thread that answers. */
  private worker: Worker | null = null;
  /** The thread whose model is being loaded. */
  private opening: Worker | null = null;
  private readonly newest = new Int32Array(new SharedArrayBuffer(4));
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;
  /** Counts openings and closings: the newest one holds. */
  private generation = 0;

  /** @param entry the worker's bundle, or its source where a TypeScript loader runs */
  constructor(
    private readonly entry: string,
    /** The worker ended by itself; said once, in one sentence. */
    private readonly onDied: (message: string) => void,
    /** The model's device failed in the middle of a run and it moved; said once. */
    private readonly onMoved: (device: Device, notice: string) => void = () => undefined,
  ) {}

  /**
   * Loads a model in a thread of its own; the one that was open answers until this one is ready, and stays where it cannot be opened.
   * @throws Error with one sentence: what is wrong with the model, or that another one was asked for meanwhile
   */
  open(options: OpenOptions): Promise<ModelInfo> {
    return this.begin({ type: 'open', ...options, newest: this.newest.buffer });
  }

  /**
   * Completes with a model that a server has, as `open` does with one of this machine.
   * @throws Error with one sentence: what is wrong with the server, or that another model was asked for meanwhile
   */
  connect(address: ServedAddress): Promise<ModelInfo> {
    return this.begin({ type: 'connect', ...address, newest: this.newest.buffer });
  }

  private async begin(request: OpenRequest | ConnectRequest): Promise<ModelInfo> {
    const generation = ++this.generation;
    await this.endOpening('Another model was asked for.');
    if (generation !== this.generation) throw new Error('Another model was asked for.');
    forbidReports();
    const worker = new Worker(this.entry, { name: 'hindsight-completion' });
    this.opening = worker;
    worker.on('message', (message: FromWorker) => this.receive(worker, message));
    worker.on('error', (error) => this.died(worker, error.message));
    worker.on('exit', (code) => this.died(worker, `The completion worker ended with code ${code}.`));
    try {
      const answer = await this.request(worker, request);
      this.cancel();
      await this.end('Another model answers now.');
      this.worker = worker;
      return (answer as { info: ModelInfo }).info;
    } finally {
      if (this.opening === worker) this.opening = null;
      if (this.worker !== worker) await worker.terminate();
    }
  }

  /**
   * @returns the completion, or null where a newer request replaced it
   * @throws Error where no model is open, the run fails, or the model is closed meanwhile
   */
  async complete(request: Omit<CompleteRequest, 'type'>): Promise<Completed | null> {
    if (!this.worker) throw new Error('The model is not loaded.');
    this.cancel();
    const answer = await this.request(this.worker, { type: 'complete', ...request });
    const completed = answer as Completed | null;
    return completed?.cancelled ? null : completed;
  }

  /** Whether a completion is in flight, or a prompt is being read ahead of one. */
  get isBusy(): boolean {
    return [...this.pending.values()].some(({ type }) => isRun(type));
  }

  /** Reads a prompt ahead of the completion that will be asked for there. A completion stops it within one model run. */
  async readAhead(request: Omit<ReadAheadRequest, 'type'>): Promise<void> {
    if (this.worker && !this.isBusy) await this.request(this.worker, { type: 'read-ahead', ...request });
  }

  /** Stops what is in flight within one model run. */
  cancel(): void {
    Atomics.store(this.newest, 0, 0);
    for (const [id, { type, resolve }] of this.pending) {
      if (!isRun(type)) continue;
      this.pending.delete(id);
      resolve(null);
    }
  }

  /**
   * Swaps the adapter between two completions, without a reload of the model; null is the base model.
   * @throws Error with one sentence where its folder cannot be read; the adapter before stays in use
   */
  async setAdapter(adapter: WorkerAdapter | null): Promise<void> {
    if (!this.worker) return;
    await this.request(this.worker, { type: 'adapter', adapter });
  }

  /**
   * How likely an offer is; waits its turn among the completions.
   * @throws Error with one sentence where no model is open, or it is a server's
   */
  async score(request: Omit<ScoreRequest, 'type'>): Promise<ScoredOffer> {
    if (!this.worker) throw new Error('The model is not loaded.');
    return (await this.request(this.worker, { type: 'score', ...request })) as unknown as ScoredOffer;
  }

  /** Lets the open model go, so that another one has its memory. */
  release(): Promise<void> {
    return this.end('The model was closed.');
  }

  /** Ends the thread; what waits for it is rejected. */
  async close(): Promise<void> {
    this.generation++;
    await this.endOpening('The model was closed.');
    await this.end('The model was closed.');
  }

  private async end(reason: string): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    Atomics.store(this.newest, 0, 0);
    if (worker) this.rejectAll(worker, reason);
    await worker?.terminate();
  }

  private async endOpening(reason: string): Promise<void> {
    const worker = this.opening;
    this.opening = null;
    if (worker) this.rejectAll(worker, reason);
    await worker?.terminate();
  }

  private request(worker: Worker, request: WorkerRequest): Promise<WorkerAnswer | null> {
    const id = ++this.lastId;
    if (isRun(request.type)) Atomics.store(this.newest, 0, id);
    return new Promise((resolve, reject) => {
      this.pending.set(id, { worker, type: request.type, resolve, reject });
      worker.postMessage({ ...request, id });
    });
  }

  private receive(worker: Worker, message: FromWorker): void {
    if (this.worker !== worker && this.opening !== worker) return;
    if (message.type === 'moved') {
      this.onMoved(message.device, message.notice);
      return;
    }
    const waiting = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.type === 'failed') waiting?.reject(new Error(message.message));
    else waiting?.resolve(message);
  }

  private rejectAll(worker: Worker, reason: string, died = false): void {
    for (const [id, waiting] of this.pending) {
      if (waiting.worker !== worker) continue;
      this.pending.delete(id);
      waiting.reject(died ? new WorkerDied(reason) : new Error(reason));
    }
  }

  /** A worker that died by itself: everything that waits on it fails once, and the next open starts a new one. */
  private died(worker: Worker, reason: string): void {
    if (this.opening === worker) {
      // Whoever opens it is told; what answers goes on.
      this.opening = null;
      this.rejectAll(worker, reason, true);
    }
    if (this.worker !== worker) return;
    this.worker = null;
    this.rejectAll(worker, reason, true);
    this.onDied(reason);
  }
}

/** Runs of the model that the newest one replaces. */
const isRun = (type: WorkerRequest['type']): boolean => type === 'complete' || type === 'read-ahead';
