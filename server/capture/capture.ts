/**
 * Capture: turns what an editor reports into feedback on the completion it belongs to. Editor-agnostic; the language server
 * feeds it. Nothing here waits for the disk, and nothing is kept of files that are excluded or not trusted.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ClientNotifications } from '../protocol/messages';
import type { Settings } from '../protocol/settings';
import type { Range } from '../protocol/types';
import type { CompletionRecord, FeedbackStore } from '../store/records';
import { Exclusions } from '../workspace/exclusions';
import { type Clock, systemClock } from './clock';
import { CaptureEvents } from './outcomes';
import { RedactingStore } from './redacting-store';
import { CaptureComments } from './sources/comments';
import { DiagnosticWatch, touches } from './sources/diagnostics';
import { CaptureDocuments, OTHERWISE_MS } from './sources/edits';
import { RunWatch } from './sources/test-runs';
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
  clock?: Clock;
  /** Completions whose rows changed. */
  onChanged?(completionIds: string[]): void;
  /** One sentence about what could not be captured. */
  log?(sentence: string): void;
}

type Message<Name extends keyof ClientNotifications> = ClientNotifications[`${Name}`];

/** When the kept text of an accepted completion is looked at, in ms after acceptance. */
const LOOKS = [
  { after: 30_000, reason: '30s' },
  { after: 120_000, reason: '2min' },
  { after: 600_000, reason: '10min' },
] as const;
/** An acceptance whose text has not turned up in the document after this, in ms, is not followed. */
const TURN_UP_MS = 5_000;
/** How often events of servers that are gone are looked at, in ms. */
const LEFTOVERS_MS = 3_600_000;

export class Capture {
  private readonly clock: Clock;
  private readonly store: FeedbackStore;
  private readonly out: RedactingStore;
  private readonly table: TrackedCompletions;
  private readonly events: CaptureEvents;
  private readonly adoption: Resume;
  private readonly words: CaptureComments;
  private readonly places = new RejectedPlaces();
  private readonly exclusions: Exclusions;
  private readonly documents: CaptureDocuments;
  private readonly runs: RunWatch;
  private readonly diagnosticWatch: DiagnosticWatch;
  private settings: Settings;
  private trusted: boolean;
  private folders: string[];
  private disposed = false;
  private stopStaleEvents: () => void = () => undefined;

  constructor(options: CaptureOptions) {
    this.clock = options.clock ?? systemClock;
    this.store = options.store;
    this.settings = options.settings;
    this.trusted = options.trusted;
    this.folders = options.folders;
    this.exclusions = new Exclusions(
      options.folders,
      options.settings.exclude,
      this.clock.now,
      options.settings.schemes,
    );
    this.out = new RedactingStore(
      options.store,
      () => this.folders,
      options.log ?? (() => undefined),
      (id) => options.onChanged?.([id]),
    );
    this.table = new TrackedCompletions(this.clock);
    this.events = new CaptureEvents(
      this.table,
      this.out,
      this.clock,
      () => this.settings.learning.settleSeconds * 1_000,
    );
    this.documents = new CaptureDocuments(this.table, this.events, this.clock);
    this.words = new CaptureComments(options.store, this.table, this.events, this.out);
    this.adoption = new Resume(options.store, this.table, this.out, this.clock, {
      excluded: (uri) => this.excludedBecause(uri) !== null,
      headOf: (attempt) => this.documents.headOf(attempt),
    });
    this.runs = new RunWatch({
      clock: this.clock,
      folders: () => this.folders,
      attempts: () => this.table.all(),
      document: (uri) => this.table.documents.get(uri) ?? null,
      readable: (path) => this.exclusions.reason(toUri(path)) === null,
      failed: (attempt, text) => this.events.note(attempt, 'test-failed', text),
      fixed: (attempt) => this.events.note(attempt, 'test-fixed', attempt.current),
      update: (attempt) => this.events.update(attempt),
      enqueue: (work) => this.out.enqueue(work),
    });
    this.diagnosticWatch = new DiagnosticWatch(this.clock, {
      failed: (attempt, text) => this.events.note(attempt, 'diagnostic', text),
      fixed: (attempt) => this.events.note(attempt, 'diagnostic-fixed', attempt.current),
      update: (attempt) => this.events.update(attempt),
    });
    this.settleStaleEvents(options.onChanged ?? (() => undefined));
  }

  setSettings(settings: Settings): void {
    this.settings = settings;
    this.exclusions.update(this.folders, settings.exclude, settings.schemes);
  }

  setFolders(folders: string[]): void {
    this.folders = folders;
    this.exclusions.update(folders, this.settings.exclude, this.settings.schemes);
  }

  setTrusted(trusted: boolean): void {
    this.trusted = trusted;
  }

  /** Why nothing of this document is captured; null where it is. */
  excludedBecause(uri: string): string | null {
    return this.trusted ? this.exclusions.reason(uri) : 'the workspace is not trusted';
  }

  documentOpened(document: { uri: string; languageId: string; version: number; text: string }): void {
    this.documents.opened(document);
    this.adoption.opened(document.uri);
  }

  /** All changes of a version, in LSP's order. */
  documentChanged(change: { uri: string; version: number; contentChanges: readonly ContentChange[] }): void {
    this.documents.changed(change);
  }

  /** The client tells why a version came, before or after the change itself. */
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
    if (this.disposed || this.excludedBecause(record.uri) !== null) {
      return false;
    }
    this.table.sweep(this.words.last);
    this.out.addCompletion(record);
    const document = this.table.documents.get(record.uri);
    if (document) {
      this.table.add(new TrackedCompletion(record, document));
    }
    return true;
  }

  shown(message: Message<'hindsight/shown'>): void {
    const { completionId, confidence, at } = message;
    const outcome = { completionId, kind: 'shown', confidence, at, acceptedLength: null } as const;
    if (!this.table.get(completionId)) {
      this.adoption.late(outcome, () => this.shown(message));
      return;
    }
    this.words.last = completionId;
    this.out.addOutcome(outcome);
  }

  accepted(message: Message<'hindsight/accepted'>): void {
    const { completionId, confidence, at, acceptedLength } = message;
    const attempt = this.table.get(completionId);
    if (!attempt) {
      const kind = acceptedLength === undefined ? 'accepted' : 'accepted-partially';
      const outcome = { completionId, kind, confidence, at, acceptedLength: acceptedLength ?? null } as const;
      this.adoption.late(outcome, () => this.accepted(message));
      return;
    }
    this.words.last = completionId;
    const length = acceptedLength ?? attempt.record.text.length;
    const kind = length < attempt.record.text.length ? 'accepted-partially' : 'accepted';
    this.out.addOutcome({ completionId, kind, confidence, at, acceptedLength: acceptedLength ?? null });
    const again = attempt.state === 'accepted';
    attempt.state = 'accepted';
    attempt.length = length;
    attempt.decidedAt = this.clock.now();
    attempt.accepted = '';
    attempt.head = this.documents.headOf(attempt);
    const document = this.table.documents.get(attempt.record.uri);
    if (document) {
      attempt.accept(document, attempt.length);
    }
    if (!again) {
      this.table.after(attempt, 'turn-up', TURN_UP_MS, () => {
        if (attempt.accepted === '') {
          this.table.finish(attempt);
        }
      });
      for (const { after, reason } of LOOKS) {
        this.table.after(attempt, reason, after, () => {
          attempt.kept ||= reason === '10min';
          this.events.look(attempt, reason);
          this.events.update(attempt);
        });
      }
    }
  }

  rejected(message: Message<'hindsight/rejected'>): void {
    const { completionId, kind, confidence, at } = message;
    const outcome = { completionId, kind, confidence, at, acceptedLength: null };
    const attempt = this.table.get(completionId);
    if (!attempt) {
      this.adoption.late(outcome, () => this.rejected(message));
      return;
    }
    if (attempt.state !== 'offered') {
      return;
    }
    this.out.addOutcome(outcome);
    if (kind !== 'rejected') {
      this.table.finish(attempt);
      return;
    }
    attempt.state = 'rejected';
    attempt.decidedAt = this.clock.now();
    this.places.add(attempt.record.prefix, attempt.record.text);
    const document = this.table.documents.get(attempt.record.uri);
    attempt.current = document?.textOf(attempt.span) ?? '';
    attempt.lastEditAt = attempt.decidedAt;
    this.table.after(attempt, 'otherwise', OTHERWISE_MS, () => {
      attempt.otherwiseOver = true;
      if (attempt.current.trim() === '' || this.table.partOfAnother(attempt)) {
        this.table.finish(attempt);
      } else {
        this.events.update(attempt);
      }
    });
  }

  /** An editor that follows spans itself tells what an accepted text has become. */
  corrected({ completionId, text }: Message<'hindsight/corrected'>): void {
    const attempt = this.table.get(completionId);
    if (attempt?.state === 'accepted' && attempt.current !== text) {
      attempt.current = text;
      attempt.accepted ||= attempt.record.text.slice(0, attempt.length);
      this.documents.edited(attempt, -1, null, false);
    }
  }

  /** Words or thumbs; `completionId` null means the last one accepted or shown. */
  feedback(message: Message<'hindsight/feedback'>): void {
    if (this.trusted) {
      this.words.feedback(message);
    }
  }

  /** A command ran to its end. */
  run(run: Message<'hindsight/run'>): void {
    const hidden = run.source === 'report' && this.exclusions.isNamed(toUri(join(run.cwd, run.command)));
    if (this.trusted && !hidden) {
      this.runs.run(run);
    }
  }

  diagnostics({ uri, items }: Message<'hindsight/diagnostics'>): void {
    const document = this.table.documents.get(uri);
    if (document && this.trusted) {
      this.diagnosticWatch.look(document, this.table.of(uri), items);
    }
  }

  /** The newest accepted completion that a range touches, for a comment on it; null where there is none. */
  completionAt(uri: string, range: Range): string | null {
    const document = this.table.documents.get(uri);
    for (const attempt of document ? this.table.of(uri).reverse() : []) {
      if (attempt.isStanding && touches(document!.rangeOf(attempt.span), range)) {
        return attempt.record.id;
      }
    }
    return null;
  }

  /** Whether this text was rejected at this place before. `prefix` is the code before the cursor. */
  isRejectedHere(prefix: string, text: string): boolean {
    return this.places.has(prefix, text);
  }

  /** Train Now: all that is edited and saved counts as settled. Resolves when it is on disk. */
  async settleNow(): Promise<void> {
    for (const attempt of this.table.all()) {
      if (attempt.isStanding) {
        this.events.look(attempt, 'train');
      }
      this.events.update(attempt, true);
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
    for (const attempt of this.table.all()) {
      if (
        scope.scope === 'all' ||
        (scope.scope === 'file' && attempt.record.uri === scope.uri) ||
        attempt.record.id === scope.completionId
      ) {
        this.out.refuse(attempt.record.id);
        this.table.remove(attempt);
      }
    }
    if (scope.scope === 'all') {
      this.places.clear();
      this.runs.clear();
    }
  }

  /** Stops all timers. What was captured stays; call `flush` first. */
  dispose(): void {
    this.disposed = true;
    this.stopStaleEvents();
    this.table.dispose();
    this.diagnosticWatch.dispose();
  }

  /** What an earlier server left waiting, now and every hour. */
  private settleStaleEvents(changed: (completionIds: string[]) => void): void {
    this.out.enqueue(async () => {
      const excluded = (uri: string) => this.excludedBecause(uri) !== null;
      const ids = this.trusted ? await settleStaleEvents(this.store, this.clock.now(), excluded) : [];
      if (ids.length > 0) {
        changed(ids);
      }
    });
    const again = () => (this.disposed ? undefined : this.settleStaleEvents(changed));
    this.stopStaleEvents = this.clock.after(LEFTOVERS_MS, again);
  }
}

function toUri(path: string): string {
  return pathToFileURL(path).href;
}
