/** The completions that are followed, the documents they stand in, and the timers that wait for each. */

import type { Clock } from '../clock';
import { FIX_MS } from '../signals';
import type { TrackedCompletion } from './tracked-completion';
import type { TrackedDocument } from './tracked-document';

/** An offer nobody answered is forgotten after this, in ms. */
const UNANSWERED_MS = 120_000;
const MOST_ATTEMPTS = 1_000;

export class TrackedCompletions {
  readonly documents = new Map<string, TrackedDocument>();
  private readonly attempts = new Map<string, TrackedCompletion>();
  private readonly timers = new Map<TrackedCompletion, Map<string, () => void>>();

  constructor(private readonly clock: Clock) {}

  add(attempt: TrackedCompletion): void {
    this.attempts.set(attempt.record.id, attempt);
  }

  get(completionId: string): TrackedCompletion | undefined {
    return this.attempts.get(completionId);
  }

  all(): TrackedCompletion[] {
    return [...this.attempts.values()];
  }

  /** Those of a document that are not over yet, in the order they were offered. */
  of(uri: string): TrackedCompletion[] {
    return this.all().filter((a) => a.record.uri === uri && a.state !== 'over');
  }

  documentOf(attempt: TrackedCompletion): TrackedDocument | undefined {
    return this.documents.get(attempt.record.uri);
  }

  /** Whether the file on disk holds what the editor shows. */
  isSaved(attempt: TrackedCompletion): boolean {
    const document = this.documentOf(attempt);
    return document ? document.edits === document.savedEdits : attempt.onDisk;
  }

  /** Calls back after `ms` unless the attempt is over by then; a second timer of the same name replaces the first. */
  after(attempt: TrackedCompletion, name: string, ms: number, callback: () => void): void {
    const own = this.timers.get(attempt) ?? new Map<string, () => void>();
    this.timers.set(attempt, own);
    own.get(name)?.();
    const cancel = this.clock.after(ms, () => {
      own.delete(name);
      if (attempt.state !== 'over') {
        callback();
      }
    });
    own.set(name, cancel);
  }

  /** Nothing more is followed of it. */
  finish(attempt: TrackedCompletion): void {
    attempt.state = 'over';
    this.documentOf(attempt)?.untrack(attempt.span);
    this.cancel(attempt);
  }

  remove(attempt: TrackedCompletion): void {
    this.finish(attempt);
    this.attempts.delete(attempt.record.id);
  }

  /** Forgets what is decided or too old, but not `spare`, so that a day of typing stays small. */
  sweep(spare: string | null): void {
    const now = this.clock.now();
    for (const attempt of this.all()) {
      const unanswered = attempt.state === 'offered' && now - attempt.record.createdAt > UNANSWERED_MS;
      const old = now - attempt.record.createdAt > 2 * FIX_MS || this.attempts.size > MOST_ATTEMPTS;
      if (attempt.record.id !== spare && (attempt.state === 'over' || unanswered || old)) {
        this.remove(attempt);
      }
    }
  }

  /** Typing on one line is answered by several offers: the whole of it belongs to the first one rejected. */
  partOfAnother(attempt: TrackedCompletion): boolean {
    return this.of(attempt.record.uri).some(
      (other) =>
        other.state === 'rejected' &&
        other.record.createdAt < attempt.record.createdAt &&
        other.span.start <= attempt.span.start &&
        other.span.end >= attempt.span.end,
    );
  }

  dispose(): void {
    for (const attempt of [...this.timers.keys()]) {
      this.cancel(attempt);
    }
  }

  private cancel(attempt: TrackedCompletion): void {
    for (const cancel of this.timers.get(attempt)?.values() ?? []) {
      cancel();
    }
    this.timers.delete(attempt);
  }
}
