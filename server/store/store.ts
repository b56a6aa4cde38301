/** The feedback store: one SQLite file, a class a table, and what runs over several of them. */
import { randomUUID } from 'node:crypto';
import { Clearing } from './anew';
import { Database, type StoreOptions } from './database';
import { deleteScope, type Scope } from './deletion';
import { Forgetting } from './forget-contexts';
import { PanelQueries } from './panel/panel';
import type { AdapterRecord } from './records';
import { dropOld, dropUnseenCode, dropUnused, giveBack, ROWS, UNSEEN_MS } from './retention';
import type { Connection } from './sqlite';
import { Adapters } from './tables/adapters';
import { Advantages } from './tables/advantages';
import { Completions } from './tables/completions';
import { Events } from './tables/events';
import { Feedback } from './tables/feedback';
import { Kept } from './tables/kept';
import { Leases } from './tables/leases';
import { Outcomes } from './tables/outcomes';
import { Rounds } from './tables/rounds';
import { Rules } from './tables/rules';
import { Values } from './tables/values';

/**
 * Opens or creates the store. A locked, full or read-only database does not throw: writes wait in memory and `onTrouble` says
 * so. A damaged file is renamed `….damaged-<time>` and a new one begun.
 * @throws StoreError where sqlite3's native module is missing or a newer version wrote the file.
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<FeedbackStore> {
  const database = new Database(path, options);
  await database.start();
  return new FeedbackStore(database);
}

const TIDY = 'tidy';
const TIDY_MS = 10 * 60_000;
/** Between two small transactions, for the writes of others. */
const BETWEEN_MS = 20;

/** Every write resolves after its rows are on disk (write-ahead log, synchronous FULL). */
export class FeedbackStore {
  readonly completions: Completions;
  readonly outcomes: Outcomes;
  readonly kept: Kept;
  readonly feedback: Feedback;
  readonly events: Events;
  readonly advantages: Advantages;
  readonly rounds: Rounds;
  readonly rules: Rules;
  readonly adapters: Adapters;
  readonly leases: Leases;
  readonly values: Values;
  readonly panel: PanelQueries;
  private closed = false;
  private later: NodeJS.Timeout | undefined;
  private readonly holder = randomUUID();

  constructor(private readonly database: Database) {
    this.completions = new Completions(database);
    this.outcomes = new Outcomes(database);
    this.kept = new Kept(database);
    this.feedback = new Feedback(database);
    this.events = new Events(database);
    this.advantages = new Advantages(database);
    this.rounds = new Rounds(database);
    this.rules = new Rules(database);
    this.adapters = new Adapters(database);
    this.leases = new Leases(database);
    this.values = new Values(database);
    this.panel = new PanelQueries(database);
  }

  get path(): string {
    return this.database.path;
  }

  /** Writes that wait for the disk (more than a handful only while the database is away). */
  get waitingWrites(): number {
    return this.database.waitingWrites;
  }

  /** Removes rows for good (secure_delete); returns how many completions went, and the adapters that had learned from them. */
  async delete(scope: Scope): Promise<{ completions: number; adapters: AdapterRecord[] }> {
    const gone = await this.database.writeNow((db) => deleteScope(db, scope));
    await this.finishDeletion();
    if (scope.scope !== 'all') await this.database.forget(scope.uri ?? scope.completionId ?? null);
    // Not waited for: nothing of the deleted lies in free pages.
    this.shrink().catch(() => undefined);
    return gone;
  }

  /**
   * Takes the code from offers that nobody saw for a day, deletes what is older than `keepDays` (0 keeps it), and gives free
   * space back to the disk: in small steps, between which others write. One window at a time does it.
   * @throws StoreError where the database is away
   */
  async tidy(keepDays: number): Promise<void> {
    // One for all calls: what was taken by a call that failed is this store's own again.
    const holder = this.holder;
    if (!(await this.leases.take(TIDY, holder, TIDY_MS))) {
      return;
    }
    try {
      await this.clear();
      const now = this.database.now();
      await this.repeat(async (db) => (await dropUnseenCode(db, now - UNSEEN_MS)) === ROWS);
      if (keepDays > 0) {
        const before = now - keepDays * 24 * 3_600_000;
        let dropped = 0;
        await this.repeat(async (db) => {
          const rows = await dropOld(db, before);
          dropped += rows;
          return rows === ROWS;
        });
        if (dropped > 0) {
          await this.database.writeNow((db) => dropUnused(db, before));
        }
      }
      await this.shrink();
      await this.database.wipe();
    } finally {
      await this.leases.release(TIDY, holder);
    }
  }

  /**
   * Takes out of the file what a deletion left there to be done: the rows of everything, which nothing reads any more, and
   * pieces of a file that other prompts showed. In small transactions, between which others write. Called at the start too: a process that was killed meanwhile left the rest. Where the
   * database is away it says so, and goes on later.
   */
  async finishDeletion(): Promise<void> {
    clearTimeout(this.later);
    try {
      for (const mark of await this.clear()) await this.database.forget(mark);
    } catch {
      if (this.closed) return;
      this.database.tell(
        `The deleted feedback is no longer used; its last bytes go from ${this.path} as soon as it can be written, or at the next start.`,
      );
      this.later = setTimeout(() => void this.finishDeletion(), this.database.againMs).unref();
    }
  }

  /** @returns marks of what went, as `Database.forget` takes them */
  private async clear(): Promise<(string | null)[]> {
    const [clearing, forgetting] = [new Clearing(), new Forgetting()];
    await this.repeat((db) => clearing.step(db));
    await this.repeat((db) => forgetting.step(db));
    return [...(clearing.found ? [null] : []), ...forgetting.uris];
  }

  /** Empties the write-ahead log, where a deletion that died before it could do so left pages; now, or as soon as it can be. */
  emptyLog(): Promise<void> {
    return this.database.emptyLog();
  }

  /** Gives free pages back, some at a time. */
  private shrink(): Promise<void> {
    return this.repeat(giveBack);
  }

  /** Small transactions until one says that it was the last; the store may be closed in between. */
  private async repeat(step: (db: Connection) => Promise<boolean>): Promise<void> {
    while (!this.closed && (await this.database.writeNow(step))) {
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }

  /** Writes what waits and closes both connections. */
  close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.later);
    return this.database.close();
  }
}
