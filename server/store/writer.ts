/**
 * The one writer. Writes wait in a queue in memory, go to disk many to a transaction, and are acknowledged after the commit.
 * When the database is locked, full, read-only or gone they stay in the queue, the developer is told once, and they are tried
 * again with growing pauses; a damaged file is set aside and a new one begun.
 */
import type { Connection } from './sqlite';
import { StoreError, sentenceFor, troubleOf } from './sqlite';

/** Writes to one transaction, at most: a bound on how long a reader of another process waits. */
const BATCH = 256;
/** What the queue may hold while the database is away, in bytes of records. */
const QUEUE_BYTES = 64 * 1024 * 1024;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;

export type Work<T> = (db: Connection) => Promise<T>;

interface Job {
  work: Work<unknown>;
  /** A patient job waits for the database to come back; another one fails at once. */
  patient: boolean;
  bytes: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export interface WriterOptions {
  path: string;
  connect(): Promise<Connection>;
  /** Sets a damaged file aside; resolves to the sentence that says so. */
  replace(): Promise<string>;
  onTrouble(sentence: string): void;
  onRecovered(sentence: string): void;
}

export class Writer {
  private db: Connection | null = null;
  private jobs: Job[] = [];
  private bytes = 0;
  private running: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private pause = FIRST_PAUSE_MS;
  private troubled = false;
  private dropped = 0;
  private closed = false;

  constructor(private readonly options: WriterOptions) {}

  /** Writes waiting for the disk. */
  get waiting(): number {
    return this.jobs.length;
  }

  /** Connects; trouble that may pass is reported and retried, other trouble is thrown. */
  async start(): Promise<void> {
    try {
      this.db = await this.options.connect();
    } catch (error) {
      if (troubleOf(error) !== 'away') {
        throw error;
      }
      this.trouble(error);
      this.retryLater();
    }
  }

  /** Resolves when the work's rows are on disk. `patient` writes outlive trouble, others reject with a StoreError. */
  submit<T>(work: Work<T>, patient: boolean, bytes = 512): Promise<T> {
    if (this.closed) {
      return Promise.reject(new StoreError('The feedback store is closed.', 'fatal'));
    }
    return new Promise<T>((resolve, reject) => {
      this.jobs.push({ work, patient, bytes, resolve: resolve as (value: unknown) => void, reject });
      this.bytes += bytes;
      while (this.timer && this.bytes > QUEUE_BYTES && this.jobs.length > 1) {
        this.dropped++;
        this.take(1)[0]!.reject(
          new StoreError('Too much waits for the feedback database; the oldest was dropped.', 'away'),
        );
      }
      if (!this.timer || !patient) {
        this.kick();
      }
    });
  }

  /** Drops the connection so that the next write opens the file anew (it was replaced). */
  async reconnect(): Promise<void> {
    const db = this.db;
    this.db = null;
    await db?.close();
  }

  /** Writes what it can and closes. Rejects what cannot be written. */
  async close(): Promise<void> {
    await this.running;
    if (this.jobs.length > 0) {
      this.kick();
      await this.running;
    }
    this.closed = true;
    clearTimeout(this.timer ?? undefined);
    for (const job of this.take(this.jobs.length)) {
      job.reject(
        new StoreError(`Not stored: ${this.options.path} could not be written before it was closed.`, 'away'),
      );
    }
    await this.reconnect();
  }

  private kick(): void {
    clearTimeout(this.timer ?? undefined);
    this.timer = null;
    if (this.jobs.length > 0) {
      this.running ??= this.drain();
    }
  }

  private async drain(): Promise<void> {
    let size = BATCH;
    while (this.jobs.length > 0 && !this.timer) {
      const batch = this.jobs.slice(0, size);
      const error = await this.commit(batch);
      if (error === null) {
        size = size === 1 ? 1 : BATCH;
        this.recovered();
        continue;
      }
      const trouble = troubleOf(error);
      if (trouble === 'corrupt') {
        await this.replace();
      } else if (trouble !== null) {
        this.trouble(error);
        this.refuseImpatient(error);
        this.retryLater();
      } else if (batch.length > 1) {
        size = 1; // one of them is at fault: find it by running them one by one
      } else {
        this.take(1)[0]!.reject(error);
      }
    }
    // Here, not in a later callback: a job submitted between the last look at the queue and that callback would wait for ever.
    this.running = null;
  }

  /** One transaction. Null when it is on disk, otherwise the error, with nothing written. */
  private async commit(batch: Job[]): Promise<unknown> {
    const results: unknown[] = [];
    try {
      this.db ??= await this.options.connect();
      await this.db.exec('BEGIN IMMEDIATE');
      for (const job of batch) {
        results.push(await job.work(this.db));
      }
      await this.db.exec('COMMIT');
    } catch (error) {
      await this.rollBack();
      return error ?? new Error('unknown');
    }
    const done = new Set(batch);
    this.bytes -= batch.reduce((sum, job) => sum + job.bytes, 0);
    this.jobs = this.jobs.filter((job) => !done.has(job));
    batch.forEach((job, i) => {
      job.resolve(results[i]);
    });
    return null;
  }

  /** Where that fails the connection goes too: closing it ends its transaction, which would be in the next one's way. */
  private async rollBack(): Promise<void> {
    try {
      await this.db?.exec('ROLLBACK');
    } catch {
      await this.reconnect();
    }
  }

  /** A reader found the file damaged: begin a new one before the next write. */
  async damaged(): Promise<void> {
    await this.running;
    await this.replace();
  }

  private async replace(): Promise<void> {
    await this.reconnect();
    try {
      const sentence = await this.options.replace();
      this.options.onTrouble(sentence);
    } catch (error) {
      this.trouble(error);
      this.retryLater();
    }
  }

  private take(count: number): Job[] {
    const taken = this.jobs.splice(0, count);
    this.bytes -= taken.reduce((sum, job) => sum + job.bytes, 0);
    return taken;
  }

  private refuseImpatient(error: unknown): void {
    const refused = this.jobs.filter((job) => !job.patient);
    this.jobs = this.jobs.filter((job) => job.patient);
    for (const job of refused) {
      this.bytes -= job.bytes;
      job.reject(new StoreError(sentenceFor(error, this.options.path), 'away'));
    }
  }

  private trouble(error: unknown): void {
    if (!this.troubled) {
      this.troubled = true;
      this.options.onTrouble(
        `${sentenceFor(error, this.options.path)} Until then feedback is kept in memory and written as soon as it can be.`,
      );
    }
  }

  private recovered(): void {
    this.pause = FIRST_PAUSE_MS;
    if (this.troubled) {
      this.troubled = false;
      const lost = this.dropped > 0 ? ` ${this.dropped} records did not fit in memory and were lost.` : '';
      this.dropped = 0;
      this.options.onRecovered(`The feedback database ${this.options.path} can be written again.${lost}`);
    }
  }

  private retryLater(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      this.kick();
    }, this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }
}
