import { Worker } from 'node:worker_threads';
import type { TestReport } from './report';
import type { ReadAnswer, ReadRequest } from './types';

/** One output takes no longer, in ms: the patterns are bounded, so this is a thread that hangs. */
const MOST_MS = 10_000;
/** A thread without work ends after this time, in ms. */
const IDLE_MS = 60_000;
/** Of the thread's heap, in MB. */
const MOST_MEMORY = 512;

interface Asked {
  request: ReadRequest;
  resolve(report: TestReport | null): void;
  reject(error: Error): void;
}

/**
 * Reads what runs printed in a thread of its own, one after another. An output that ends the thread, or takes too long,
 * is given up alone: those behind it are read by the next thread.
 */
export class ReadingThread {
  private thread: Worker | null = null;
  /** In the order in which they are answered. */
  private readonly asked: Asked[] = [];
  private lastId = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param entry the thread's bundle */
  constructor(
    private readonly entry: string,
    private readonly mostMs = MOST_MS,
    private readonly idleMs = IDLE_MS,
  ) {}

  /**
   * @param isReport whether it is a report file's content
   * @returns null where it holds no test run, no stack trace and no compiler's error
   * @throws Error with one sentence where it could not be read
   */
  read(output: string, isReport: boolean): Promise<TestReport | null> {
    return new Promise((resolve, reject) => {
      this.asked.push({ request: { id: ++this.lastId, output, isReport }, resolve, reject });
      if (this.asked.length === 1) this.next();
    });
  }

  /** Ends the thread; what waits for it is rejected. */
  async close(): Promise<void> {
    const thread = this.forget();
    for (const { reject } of this.asked.splice(0)) reject(new Error('The server ends.'));
    await thread?.terminate();
  }

  private next(): void {
    clearTimeout(this.timer);
    const [first] = this.asked;
    if (!first) {
      this.timer = setTimeout(() => void this.forget()?.terminate(), this.idleMs).unref();
      return;
    }
    try {
      if (this.thread) this.watch();
      else this.thread = this.start();
      this.thread.postMessage(first.request);
    } catch (error) {
      this.answered(error as Error);
    }
  }

  /** Gives up what is being read once it takes too long. */
  private watch(): void {
    this.timer = setTimeout(() => {
      void this.forget()?.terminate();
      this.answered(new Error(`A run's output was not read within ${this.mostMs / 1_000} s.`));
    }, this.mostMs);
  }

  private start(): Worker {
    const thread = new Worker(this.entry, {
      name: 'hindsight-test-output',
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY },
    });
    thread.unref();
    // How long a thread takes to start is no matter of the output's.
    thread.once('online', () => {
      if (this.thread === thread) this.watch();
    });
    thread.on('message', (answer: ReadAnswer) => {
      if (this.thread !== thread || this.asked[0]?.request.id !== answer.id) return;
      this.answered('error' in answer ? new Error(answer.error) : answer.report);
    });
    const died = (reason: string) => {
      if (this.thread !== thread) return;
      this.forget();
      if (this.asked.length > 0) this.answered(new Error(reason));
    };
    thread.on('error', (error) => died(`A run's output could not be read: ${error.message}`));
    thread.on('exit', (code) => died(`A run's output could not be read: its thread ended with ${code}.`));
    return thread;
  }

  private answered(result: TestReport | null | Error): void {
    const first = this.asked.shift();
    if (result instanceof Error) first?.reject(result);
    else first?.resolve(result);
    this.next();
  }

  /** The thread that was there; whatever it says from now on is not heard. */
  private forget(): Worker | null {
    clearTimeout(this.timer);
    const thread = this.thread;
    this.thread = null;
    return thread;
  }
}
