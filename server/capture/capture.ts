/**
 * Capture: turns what an editor reports into feedback on the completion it belongs to. Editor-agnostic; the language server
 * feeds it. Nothing here waits for the disk, and nothing is kept of files that are excluded or not trusted.
 */
import { join } from 'node:path';
import { filePath } from '../base/file-path';
import type { FailingTest, TakenFix } from '../protocol/fixing';
import type { ClientNotifications } from '../protocol/messages';
import type { Settings } from '../protocol/settings';
import type { Range } from '../protocol/types';
import type { CompletionRecord } from '../store/records';
import type { FeedbackStore } from '../store/store';
import { type Clock, systemClock } from './clock';
import { CaptureEvents, type Noted } from './events';
import { CapturePolicy } from './policy';
import { RedactingStore } from './redacting-store';
import { CaptureComments } from './sources/comments';
import { CaptureDiagnostics, touches } from './sources/diagnostics';
import { CaptureDocuments } from './sources/documents';
import { FailingTests } from './sources/failing-tests';
import { type FixPlace, FoundFixes } from './sources/found-fixes';
import { CaptureOutcomes } from './sources/outcomes';
import { CaptureRuns, type ReadRun } from './sources/test-runs';
import { TrackedCompletions } from './tracking/completions';
import { RejectedPlaces } from './tracking/rejected-places';
import { Resume } from './tracking/resume';
import { settleStaleEvents } from './tracking/stale-events';
import { TrackedCompletion } from './tracking/tracked-completion';
import type { ContentChange } from './tracking/tracked-document';

export interface CaptureOptions {
  store: FeedbackStore;
  settings: Settings;
  trusted: boolean;
  /** Absolute paths of the workspace folders. */
  folders: string[];
  readRun: ReadRun;
  clock?: Clock;
  /** Completions whose rows changed. */
  onChanged?(completionIds: string[]): void;
  /** A correction was seen. */
  onNoted?(note: Noted): void;
  /** Other tests fail than before. */
  onFailingTests?(): void;
  /** One sentence about what could not be captured. */
  log?(sentence: string): void;
}

type Message<Name extends keyof ClientNotifications> = ClientNotifications[`${Name}`];

/** How often events of servers that are gone are settled, in ms. */
const STALE_MS = 3_600_000;

export class Capture {
  private readonly clock: Clock;
  private readonly store: FeedbackStore;
  private readonly policy: CapturePolicy;
  private readonly out: RedactingStore;
  private readonly tracked: TrackedCompletions;
  private readonly events: CaptureEvents;
  private readonly resume: Resume;
  private readonly outcomes: CaptureOutcomes;
  private readonly comments: CaptureComments;
  private readonly places = new RejectedPlaces();
  private readonly documents: CaptureDocuments;
  private readonly runs: CaptureRuns;
  private readonly failures: FailingTests;
  private readonly fixes: FoundFixes;
  private readonly diagnosticWatch: CaptureDiagnostics;
  private disposed = false;
  private stopStaleEvents: () => void = () => undefined;

  constructor(options: CaptureOptions) {
    const { store, settings, trusted, folders, readRun, clock = systemClock, onChanged, log } = options;
    this.clock = clock;
    this.store = store;
    this.policy = new CapturePolicy(settings, trusted, folders, clock.now);
    this.out = new RedactingStore(store, this.policy, { onChanged, log });
    this.tracked = new TrackedCompletions(clock);
    this.events = new CaptureEvents(this.tracked, this.out, clock, this.policy, options.onNoted);
    this.documents = new CaptureDocuments(this.tracked, this.events, clock, this.policy);
    this.resume = new Resume(store, this.tracked, this.out, clock, this.policy);
    this.outcomes = new CaptureOutcomes(
      this.tracked,
      this.events,
      this.out,
      this.resume,
      this.places,
      this.clock,
    );
    this.comments = new CaptureComments(store, this.tracked, this.events, this.out, this.places);
    this.failures = new FailingTests(options.onFailingTests);
    this.runs = new CaptureRuns(
      this.tracked,
      this.events,
      this.out,
      clock,
      this.policy,
      readRun,
      this.failures,
    );
    this.fixes = new FoundFixes(this.out, this.policy, clock);
    this.diagnosticWatch = new CaptureDiagnostics(this.tracked, this.events, clock);
    this.places.load(store).catch((error: Error) => log?.(error.message));
    this.settleStaleEvents(onChanged ?? (() => undefined));
  }

  setSettings(settings: Settings): void {
    this.policy.setSettings(settings);
  }

  setFolders(folders: string[]): void {
    this.policy.setFolders(folders);
  }

  setTrusted(trusted: boolean): void {
    this.policy.trusted = trusted;
  }

  /** Why nothing of this document is captured; null where it is. */
  excludedBecause(uri: string): string | null {
    return this.policy.excludedBecause(uri);
  }

  /** Whether nothing of a file may be read or learned from; finds it out without holding up anybody. */
  checkExcluded(uri: string): Promise<boolean> {
    return this.policy.checkExcluded(uri);
  }

  /** Why the document may not even be completed in, trusted or not; null where it may. */
  notCompletedBecause(uri: string): Promise<string | null> {
    return this.policy.notCompletedBecause(uri);
  }

  documentOpened(document: { uri: string; languageId: string; version: number; text: string }): void {
    this.documents.opened(document);
    this.resume.opened(document.uri);
  }

  /** All changes of a version, in LSP's order. */
  documentChanged(change: { uri: string; version: number; contentChanges: readonly ContentChange[] }): void {
    this.documents.changed(change);
  }

  /** Why a version came: the client says so before or after the change itself. */
  editReason(message: Message<'hindsight/editReason'>): void {
    this.documents.because(message);
  }

  documentSaved(uri: string): void {
    this.runs.saved(this.documents.saved(uri));
  }

  documentClosed(uri: string): void {
    this.documents.closed(uri);
  }

  /**
   * A completion was handed to the editor. Not stored (and false) where its file is excluded; one whose prompt holds a
   * secret is left out later, after the scan.
   */
  addCompletion(record: CompletionRecord): boolean {
    if (this.disposed || this.policy.isExcluded(record.uri)) {
      return false;
    }
    this.tracked.sweep();
    const document = this.tracked.documents.get(record.uri);
    const { before, after } = document?.around(record) ?? { before: '', after: '' };
    this.out.addCompletion(record, before, after);
    if (document) {
      this.tracked.add(new TrackedCompletion(record, document));
    }
    return true;
  }

  shown(message: Message<'hindsight/shown'>): void {
    this.outcomes.shown(message);
  }

  accepted(message: Message<'hindsight/accepted'>): void {
    this.outcomes.accepted(message);
  }

  rejected(message: Message<'hindsight/rejected'>): void {
    this.outcomes.rejected(message);
  }

  /** A comment or a thumb; `completionId` null means the last one accepted or shown. */
  feedback(message: Message<'hindsight/feedback'>): void {
    if (this.policy.trusted) {
      this.comments.feedback(message);
    }
  }

  /** A command ran to its end. */
  run(run: Message<'hindsight/run'>): void {
    const hidden = run.source === 'report' && this.policy.isNamed(join(run.cwd, run.command));
    if (this.policy.trusted && !hidden) {
      this.runs.run(run);
    }
  }

  /** Tests that failed in the last run of their command. */
  failingTests(): FailingTest[] {
    const failing = this.policy.trusted ? this.failures.list() : [];
    return failing.map(({ key, id, test }) => ({ ...test, completion: this.blamedFor(key, id) }));
  }

  /** Where the completion stands that a failing test is laid to. */
  private blamedFor(key: string, id: string): FailingTest['completion'] {
    for (const { failure, isStanding, record, span } of this.tracked.all()) {
      const path = filePath(record.uri);
      const document = this.tracked.documents.get(record.uri);
      if (!isStanding || !document || path === null) continue;
      if (failure?.key !== key || failure.fixedAt !== null || !failure.names.includes(id)) continue;
      const { start, end } = document.rangeOf(span);
      return { path, range: { first: start.line + 1, last: end.line + 1 } };
    }
    return null;
  }

  /** A fix that was searched for was taken. @returns false where nothing may be stored of its file */
  fixTaken(place: FixPlace, fix: Pick<TakenFix, 'failing' | 'passing' | 'failure'>): Promise<boolean> {
    return this.fixes.taken(place, fix);
  }

  /** What the developer expected at a place, and what was offered there. @returns false where nothing may be stored of its file */
  expected(place: FixPlace, text: string, offered: string): Promise<boolean> {
    return this.fixes.expected(place, text, offered);
  }

  diagnostics({ uri, items }: Message<'hindsight/diagnostics'>): void {
    if (this.policy.trusted) {
      this.diagnosticWatch.update(uri, items);
    }
  }

  /** The newest accepted completion that a range touches, for a comment on it; null where there is none. */
  completionAt(uri: string, range: Range): string | null {
    const document = this.tracked.documents.get(uri);
    for (const completion of document ? this.tracked.of(uri).reverse() : []) {
      if (completion.isStanding && touches(document!.rangeOf(completion.span), range)) {
        return completion.record.id;
      }
    }
    return null;
  }

  /** Whether this text was rejected at this place before. `prefix` is the code before the cursor. */
  isRejectedHere(prefix: string, text: string): boolean {
    return this.places.has(prefix, text);
  }

  /** Something was deleted: what is remembered as rejected is what is still stored. */
  async deleted(): Promise<void> {
    this.places.clear();
    await this.places.load(this.store);
  }

  /** Train Now: all that is edited and saved counts as settled. Resolves when it is on disk. */
  async settleNow(): Promise<void> {
    for (const completion of this.tracked.all()) {
      if (completion.isStanding) {
        this.events.snapshot(completion, 'train');
      }
      this.events.update(completion, true);
    }
    await this.flush();
  }

  /**
   * Resolves when all that was captured is on disk (true), or after `limitMs` (false): while the database is away nobody
   * should wait for it.
   */
  flush(limitMs = 5_000): Promise<boolean> {
    return this.out.flush(limitMs);
  }

  /** Forgets completions that were deleted from the store: nothing more is written about them. */
  forget(scope: { scope: 'all' | 'file' | 'event'; uri?: string; completionId?: string }): void {
    for (const completion of this.tracked.all()) {
      if (
        scope.scope === 'all' ||
        (scope.scope === 'file' && completion.record.uri === scope.uri) ||
        completion.record.id === scope.completionId
      ) {
        this.out.refuse(completion.record.id);
        this.tracked.remove(completion);
      }
    }
    if (scope.scope === 'all') {
      this.places.clear();
      this.runs.clear();
      this.failures.clear();
    }
  }

  /** Stops all timers. What was captured stays; call `flush` first. */
  dispose(): void {
    this.disposed = true;
    this.stopStaleEvents();
    this.tracked.dispose();
    this.diagnosticWatch.dispose();
  }

  /** Settles what an earlier server left waiting, now and every hour. */
  private settleStaleEvents(changed: (completionIds: string[]) => void): void {
    this.out.enqueue(async () => {
      const excluded = (uri: string) => this.policy.checkExcluded(uri);
      const ids = this.policy.trusted ? await settleStaleEvents(this.store, this.clock.now(), excluded) : [];
      if (ids.length > 0) {
        changed(ids);
      }
    });
    const again = () => (this.disposed ? undefined : this.settleStaleEvents(changed));
    this.stopStaleEvents = this.clock.after(STALE_MS, again);
  }
}
