/** The database file: one writer and one reader connection, shared by as many processes as there are. */
import { mkdir, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { connect } from './connect';
import { type Connection, StoreError, sentenceFor, troubleOf } from './sqlite';
import { removeDamaged, wipeTraces } from './wipe';
import { type Work, Writer } from './writer';

export interface StoreOptions {
  /** Told once when the database cannot be written (or was damaged and set aside), in one sentence. */
  onTrouble?(sentence: string): void;
  /** Told once when it can be written again. */
  onRecovered?(sentence: string): void;
  /** Patience with another process' lock, in ms. */
  busyMs?: number;
  /** The log is emptied again after this, where another program held on to it, in ms. */
  wipeAgainMs?: number;
  /** Clock, in ms since the epoch. */
  now?(): number;
}

/** The number of no file. */
const UNKNOWN = -1;
const WIPE_AGAIN_MS = 10_000;

export class Database {
  private readonly writer: Writer;
  private reader: Promise<Connection> | null = null;
  private closed = false;
  private wiping: NodeJS.Timeout | undefined;
  /** Stands in while there is no database to read. */
  private empty: Promise<Connection> | null = null;
  private inode = 0;
  private readonly busyMs: number;
  /** In ms since the epoch. */
  readonly now: () => number;

  constructor(
    readonly path: string,
    private readonly options: StoreOptions,
  ) {
    this.busyMs = options.busyMs ?? 2_000;
    this.now = options.now ?? Date.now;
    this.writer = new Writer({
      path,
      connect: async () => {
        const db = await connect(path, this.busyMs, false);
        this.inode = await this.ownInode();
        return db;
      },
      replace: () => this.setAside(),
      onTrouble: (sentence) => options.onTrouble?.(sentence),
      onRecovered: (sentence) => options.onRecovered?.(sentence),
    });
  }

  async start(): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true }).catch(() => undefined);
    try {
      await this.writer.start();
    } catch (error) {
      if (troubleOf(error) !== 'corrupt') {
        throw error instanceof StoreError ? error : new StoreError(sentenceFor(error, this.path), 'fatal');
      }
      this.inode = await this.ownInode();
      this.options.onTrouble?.(await this.setAside());
      await this.writer.start();
    }
  }

  /** Writes that wait for the disk (more than a handful only while the database is away). */
  get waitingWrites(): number {
    return this.writer.waiting;
  }

  /** Which file is open; one that cannot be looked at for a moment is open nevertheless. */
  private async ownInode(): Promise<number> {
    const look = () => stat(this.path).then(({ ino }) => ino);
    return look().catch(() => look().catch(() => this.inode || UNKNOWN));
  }

  private async setAside(): Promise<string> {
    await (await this.reader?.catch(() => null))?.close();
    this.reader = null;
    const found = await stat(this.path).catch(() => null);
    const aside = `${this.path}.damaged-${new Date(this.now()).toISOString().replace(/[:.]/g, '-')}`;
    // Another process that saw the damage first has begun a new file already: that one is not ours to move.
    if (found && found.ino === this.inode) {
      for (const suffix of ['', '-wal', '-shm']) {
        await rename(this.path + suffix, aside + suffix).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') {
            throw new StoreError(
              `The damaged feedback database ${this.path} could not be moved aside.`,
              'away',
            );
          }
        });
      }
    }
    return `The feedback database ${this.path} was damaged; it was moved to ${aside} and a new one was begun.`;
  }

  /** Resolves when it is on disk; waits in memory while the database is away. `bytes`: about what the records take there. */
  write<T>(work: Work<T>, bytes?: number): Promise<T> {
    return this.writer.submit(work, true, bytes);
  }

  /**
   * Resolves when it is on disk.
   * @throws StoreError at once while the database is away
   */
  writeNow<T>(work: Work<T>): Promise<T> {
    return this.writer.submit(work, false);
  }

  /** Reads over a connection of its own: what another process wrote is seen, what still waits is not. */
  async read<T>(work: Work<T>): Promise<T> {
    try {
      return await this.readOnce(work);
    } catch (error) {
      // Trouble that has passed by itself, or that came with a connection closed by another read's trouble.
      if (troubleOf(error) !== 'away') {
        throw error;
      }
      return this.readOnce(work);
    }
  }

  private async readOnce<T>(work: Work<T>): Promise<T> {
    if (this.closed) {
      throw new StoreError('The feedback store is closed.', 'fatal');
    }
    let db: Connection;
    try {
      this.reader ??= connect(this.path, this.busyMs, true);
      db = await this.reader;
    } catch (error) {
      this.reader = null;
      const trouble = troubleOf(error);
      if (trouble !== 'away' || this.inode !== 0) {
        throw trouble === null ? error : new StoreError(sentenceFor(error, this.path), trouble);
      }
      // No database to read yet (its folder is not there, or not readable; the writer has said so): as good as empty. One
      // that was open before is not empty because it is away for a while.
      this.empty ??= connect(':memory:', 0, false);
      return work(await this.empty);
    }
    try {
      return await work(db);
    } catch (error) {
      const trouble = troubleOf(error);
      if (trouble === null) {
        throw error;
      }
      this.reader = null;
      await db.close();
      if (trouble === 'corrupt') {
        await this.writer.damaged();
      }
      throw new StoreError(sentenceFor(error, this.path), trouble);
    }
  }

  /**
   * Takes what was deleted out of the log too, and removes damaged files that were set aside and hold it.
   * @param mark text that stands wherever the deleted stands; null where everything was deleted
   */
  async forget(mark: string | null): Promise<void> {
    await removeDamaged(this.path, mark);
    await this.emptyLog();
  }

  /** Empties the log: now, or, having said so, as soon as no other program reads it. */
  async emptyLog(): Promise<void> {
    if (await this.wipeQuietly()) {
      return;
    }
    this.tell(
      `The deleted feedback is gone from ${this.path}, but another program still reads its log; it goes from there as soon as that program lets go of it.`,
    );
    this.wipeLater();
  }

  /** Says what is in the way, in one sentence. */
  tell(sentence: string): void {
    this.options.onTrouble?.(sentence);
  }

  /** After how long what another program was in the way of is tried again, in ms. */
  get againMs(): number {
    return this.options.wipeAgainMs ?? WIPE_AGAIN_MS;
  }

  private wipeQuietly(): Promise<boolean> {
    return this.wipe().catch(() => false);
  }

  private wipeLater(): void {
    clearTimeout(this.wiping);
    this.wiping = setTimeout(async () => {
      if (!(await this.wipeQuietly()) && this.wiping) {
        this.wipeLater();
      }
    }, this.againMs).unref();
  }

  /**
   * Empties the log over a connection of its own, so that the writer goes on.
   * @returns false where another process still reads it
   */
  async wipe(): Promise<boolean> {
    const db = await connect(this.path, this.busyMs, false);
    try {
      return await wipeTraces(db);
    } finally {
      await db.close();
    }
  }

  /** Writes what waits and closes both connections. */
  async close(): Promise<void> {
    clearTimeout(this.wiping);
    this.wiping = undefined;
    this.closed = true;
    await this.writer.close();
    await (await this.reader?.catch(() => null))?.close();
    await (await this.empty)?.close();
    this.reader = null;
    this.empty = null;
  }
}
