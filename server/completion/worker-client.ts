import { Worker } from 'node:worker_threads';
import { forbidReports } from '../graph/runtime-reports';
import type { Device } from '../model/types';
import type { Completed, CompleteRequest, FromWorker, ModelInfo, OpenRequest } from './types';

export type OpenOptions = Omit<OpenRequest, 'type' | 'newest'>;

/**
 * The main thread's side of the completion worker. One completion is in flight at most; a newer one makes the older
 * stop within one model run, and resolves it with null.
 */
export class CompletionWorker {
  private worker: Worker | null = null;
  private readonly newest = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting = new Map<number, (result: Completed | Error | null) => void>();
  private opening: { resolve: (info: ModelInfo) => void; reject: (error: Error) => void } | null = null;
  private adapterSet: { resolve: () => void; reject: (error: Error) => void }[] = [];

  /** @param entry the worker's bundle, or its source where a TypeScript loader runs */
  constructor(
    private readonly entry: string,
    private readonly onTrouble: (message: string) => void,
    /** The model's device failed in the middle of a run and it moved; said once. */
    private readonly onMoved: (device: Device, notice: string) => void = () => undefined,
  ) {}

  /** Starts the thread and loads the model. Rejects with one sentence that says what is wrong with the folder. */
  async open(options: OpenOptions): Promise<ModelInfo> {
    await this.close();
    forbidReports();
    const worker = new Worker(this.entry, { name: 'hindsight-completion' });
    this.worker = worker;
    worker.on('message', (message: FromWorker) => this.receive(message));
    worker.on('error', (error) => this.died(worker, error.message));
    worker.on('exit', (code) => this.died(worker, `The completion worker ended with code ${code}.`));
    return new Promise((resolve, reject) => {
      this.opening = { resolve, reject };
      worker.postMessage({ type: 'open', ...options, newest: this.newest.buffer });
    });
  }

  /** @returns the completion, or null where a newer request replaced it */
  async complete(request: Omit<CompleteRequest, 'type' | 'number'>): Promise<Completed | null> {
    const worker = this.worker;
    if (!worker) throw new Error('The model is not loaded.');
    const number = Atomics.add(this.newest, 0, 1) + 1;
    for (const [older, settle] of this.waiting) {
      this.waiting.delete(older);
      settle(null);
    }
    const result = await new Promise<Completed | Error | null>((settle) => {
      this.waiting.set(number, settle);
      worker.postMessage({ type: 'complete', number, ...request });
    });
    if (result instanceof Error) throw result;
    return result?.cancelled ? null : result;
  }

  /** Stops what is in flight within one model run. */
  cancel(): void {
    Atomics.add(this.newest, 0, 1);
    for (const settle of this.waiting.values()) settle(null);
    this.waiting.clear();
  }

  /** Swaps the adapter between two completions, without a reload of the model. */
  async setAdapter(adapterDir: string | null): Promise<void> {
    const worker = this.worker;
    if (!worker) return;
    await new Promise<void>((resolve, reject) => {
      this.adapterSet.push({ resolve, reject });
      worker.postMessage({ type: 'adapter', adapterDir });
    });
  }

  async close(): Promise<void> {
    const worker = this.worker;
    if (!worker) return;
    this.worker = null;
    this.cancel();
    await worker.terminate();
  }

  private receive(message: FromWorker): void {
    switch (message.type) {
      case 'opened':
        this.opening?.resolve(message.info);
        this.opening = null;
        return;
      case 'adapter-set':
        this.adapterSet.shift()?.resolve();
        return;
      case 'moved':
        this.onMoved(message.device, message.notice);
        return;
      case 'completed':
        this.settle(message.number, message);
        return;
      case 'failed':
        this.failed(message);
    }
  }

  private failed(message: Extract<FromWorker, { type: 'failed' }>): void {
    const error = new Error(message.message);
    if (message.number !== undefined) this.settle(message.number, error);
    else if (this.opening) {
      this.opening.reject(error);
      this.opening = null;
    } else if (this.adapterSet.length > 0) this.adapterSet.shift()?.reject(error);
    else this.onTrouble(message.message);
  }

  private settle(number: number, result: Completed | Error): void {
    this.waiting.get(number)?.(result);
    this.waiting.delete(number);
  }

  /** A worker that died by itself: everything that waits on it fails once, and the next open starts a new one. */
  private died(worker: Worker, reason: string): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const error = new Error(reason);
    this.opening?.reject(error);
    this.opening = null;
    for (const waiting of this.adapterSet.splice(0)) waiting.reject(error);
    for (const settle of this.waiting.values()) settle(error);
    this.waiting.clear();
    this.onTrouble(reason);
  }
}
