/** The feedback store: one SQLite file, one writer and one reader connection, shared by as many processes as there are. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type {
  AcceptancePoint,
  EventFilter,
  EventStatus,
  EventStory,
  RoundSummary,
  TokenAdvantage,
} from '../protocol/types';
import { connect } from './connect';
import { deleteScope, type Scope, wipeTraces } from './deletion';
import type {
  AdapterRecord,
  CompletionRecord,
  FeedbackRecord,
  FeedbackStore,
  Gate,
  KeptRecord,
  LearningEvent,
  OutcomeRecord,
  StandingRecord,
} from './records';
import { type Connection, StoreError, sentenceFor, troubleOf } from './sqlite';
import * as chart from './tables/acceptance';
import * as adapters from './tables/adapters';
import * as completions from './tables/completions';
import * as events from './tables/events';
import * as rounds from './tables/rounds';
import * as panel from './tables/stories';
import { type Work, Writer } from './writer';

export interface StoreOptions {
  /** Told once when the database cannot be written (or was damaged and set aside), in one sentence. */
  onTrouble?(sentence: string): void;
  /** Told once when it can be written again. */
  onRecovered?(sentence: string): void;
  /** Patience with another process' lock, in ms. */
  busyMs?: number;
  /** Clock, in ms since the epoch. */
  now?(): number;
}

/**
 * Opens or creates the store. A locked, full or read-only database does not throw: writes wait in memory and `onTrouble` says
 * so. A damaged file is renamed `….damaged-<time>` and a new one begun.
 * @throws StoreError where sqlite3's native module is missing or a newer version wrote the file.
 */
export async function openStore(path: string, options: StoreOptions = {}): Promise<SqliteStore> {
  const store = new SqliteStore(path, options);
  await store.start();
  return store;
}

export class SqliteStore implements FeedbackStore {
  private readonly writer: Writer;
  private reader: Promise<Connection> | null = null;
  /** Stands in while there is no database to read. */
  private empty: Promise<Connection> | null = null;
  private inode = 0;
  private readonly busyMs: number;
  private readonly now: () => number;

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
        this.inode = (await stat(path)).ino;
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
      this.inode = (await stat(this.path)).ino;
      this.options.onTrouble?.(await this.setAside());
      await this.writer.start();
    }
  }

  /** Writes that wait for the disk (more than a handful only while the database is away). */
  get waitingWrites(): number {
    return this.writer.waiting;
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

  private write<T>(work: Work<T>, bytes?: number): Promise<T> {
    return this.writer.submit(work, true, bytes);
  }

  private writeNow<T>(work: Work<T>): Promise<T> {
    return this.writer.submit(work, false);
  }

  private async read<T>(work: Work<T>): Promise<T> {
    let db: Connection;
    try {
      this.reader ??= connect(this.path, this.busyMs, true);
      db = await this.reader;
    } catch (error) {
      this.reader = null;
      if (troubleOf(error) !== 'away') {
        throw error;
      }
      // No database to read yet (its folder is not there, or not readable; the writer has said so): as good as empty.
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

  addCompletion(record: CompletionRecord): Promise<void> {
    const bytes = 2 * (record.prefix.length + record.suffix.length) + 8 * (record.promptIds.length + 64);
    return this.write((db) => completions.insertCompletion(db, record), bytes);
  }

  addOutcome(record: OutcomeRecord): Promise<void> {
    return this.write((db) => completions.insertOutcome(db, record));
  }

  addKept(record: KeptRecord): Promise<void> {
    return this.write((db) => completions.insertKept(db, record), 200 + 2 * record.text.length);
  }

  addFeedback(record: FeedbackRecord): Promise<void> {
    return this.write((db) => completions.insertFeedback(db, record), 200 + 2 * record.text.length);
  }

  getCompletion(id: string): Promise<CompletionRecord | null> {
    return this.read((db) => completions.selectCompletion(db, id));
  }

  acceptedIn(uri: string, since: number): Promise<StandingRecord[]> {
    return this.read((db) => completions.selectAcceptedIn(db, uri, since));
  }

  lastSeen(): Promise<string | null> {
    return this.read((db) => completions.selectLastSeen(db));
  }

  putEvent(event: events.NewEvent): Promise<number> {
    const bytes = 8 * (event.promptIds.length + event.text.length) + 4_000;
    const at = this.now();
    return this.write((db) => events.upsertEvent(db, event, at), bytes);
  }

  setEventStatus(id: number, status: EventStatus, reason: string | null, gates?: Gate[]): Promise<void> {
    const at = this.now();
    return this.write((db) => events.updateEventStatus(db, id, status, reason, gates, at));
  }

  learningEvents(query: { statuses: EventStatus[]; limit: number }): Promise<LearningEvent[]> {
    return this.read((db) => events.selectEvents(db, query.statuses, query.limit));
  }

  /** The learning event of one completion, or null. */
  learningEventOf(completionId: string): Promise<LearningEvent | null> {
    return this.read((db) => events.selectEventOf(db, completionId));
  }

  countEvents(status: EventStatus): Promise<number> {
    return this.read((db) => events.countEvents(db, status));
  }

  countCompletions(): Promise<number> {
    return this.read((db) => chart.countCompletions(db));
  }

  setAdvantages(
    completionId: string,
    roundId: number | null,
    context: string,
    tokens: TokenAdvantage[],
  ): Promise<void> {
    return this.write(
      (db) => rounds.insertAdvantages(db, completionId, roundId, context, tokens),
      100 * tokens.length,
    );
  }

  startRound(at: number, count: number): Promise<number> {
    return this.writeNow((db) => rounds.insertRound(db, at, count));
  }

  updateRound(round: RoundSummary): Promise<void> {
    return this.write((db) => rounds.updateRound(db, round), 200 * (round.steps.length + 5));
  }

  linkRoundEvents(roundId: number, eventIds: number[]): Promise<void> {
    return this.writeNow((db) => rounds.linkEvents(db, roundId, eventIds));
  }

  /** Completions whose event this round was the first to learn, of the rounds that are in use. */
  firstLearnedIn(roundId: number): Promise<string[]> {
    return this.read((db) => rounds.firstLearnedIn(db, roundId));
  }

  addAdapter(record: Omit<AdapterRecord, 'id' | 'active'>): Promise<number> {
    return this.writeNow((db) => adapters.insertAdapter(db, record));
  }

  activateAdapter(id: number | null): Promise<void> {
    return this.writeNow((db) => adapters.activateAdapter(db, id));
  }

  activeAdapter(modelHash: string): Promise<AdapterRecord | null> {
    return this.read((db) => adapters.selectActive(db, modelHash));
  }

  adapters(modelHash: string): Promise<AdapterRecord[]> {
    return this.read((db) => adapters.selectAdapters(db, modelHash));
  }

  takeLease(name: string, holder: string, ttlMs: number): Promise<boolean> {
    return this.writeNow((db) => rounds.takeLease(db, name, holder, ttlMs, this.now()));
  }

  releaseLease(name: string, holder: string): Promise<void> {
    return this.writeNow((db) => rounds.releaseLease(db, name, holder));
  }

  getValue(key: string): Promise<string | null> {
    return this.read((db) => rounds.selectValue(db, key));
  }

  setValue(key: string, value: string): Promise<void> {
    return this.write((db) => rounds.putValue(db, key, value), 200 + 2 * value.length);
  }

  listEvents(filter: EventFilter, offset: number, limit: number) {
    return this.read((db) => panel.selectPage(db, filter, offset, limit));
  }

  eventStory(completionId: string): Promise<EventStory | null> {
    return this.read((db) => panel.selectStory(db, completionId));
  }

  rounds(limit: number): Promise<RoundSummary[]> {
    return this.read((db) => rounds.selectRounds(db, limit));
  }

  acceptance(bucketMs: number, limit: number): Promise<AcceptancePoint[]> {
    return this.read((db) => chart.selectAcceptance(db, bucketMs, limit));
  }

  async deleteData(scope: Scope): Promise<{ completions: number; adapters: AdapterRecord[] }> {
    const gone = await this.writeNow((db) => deleteScope(db, scope));
    if (scope.scope === 'all') {
      await this.removeDamaged();
    }
    if (!(await this.wipe().catch(() => false))) {
      this.options.onTrouble?.(
        `The deleted feedback is gone from ${this.path}, but another program still reads its log; it goes with the next delete.`,
      );
    }
    return gone;
  }

  /** Files that were set aside hold the developer's data too. */
  private async removeDamaged(): Promise<void> {
    const folder = dirname(this.path);
    const aside = `${basename(this.path)}.damaged-`;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((each) => each.startsWith(aside))) {
      await rm(join(folder, name), { force: true });
    }
  }

  /** Empties the log over a connection of its own, so that the writer goes on. */
  private async wipe(): Promise<boolean> {
    const db = await connect(this.path, this.busyMs, false);
    try {
      return await wipeTraces(db);
    } finally {
      await db.close();
    }
  }

  /** Writes what waits and closes both connections. */
  async close(): Promise<void> {
    await this.writer.close();
    await (await this.reader?.catch(() => null))?.close();
    await (await this.empty)?.close();
    this.reader = null;
    this.empty = null;
  }
}
