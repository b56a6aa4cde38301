/** The completions that are followed, the documents they stand in, and the timers that wait for each. */

import { filePath } from '../../base/file-path';
import { GitHeads } from '../../workspace/git-repository';
import type { Clock } from '../clock';
import { FIX_MS } from '../signals';
import { LostTexts } from './lost-texts';
import type { Span } from './spans';
import type { TrackedCompletion } from './tracked-completion';
import type { TrackedDocument } from './tracked-document';

/** An offer nobody answered is forgotten after this, in ms. */
const UNANSWERED_MS = 120_000;
const MOST_COMPLETIONS = 1_000;

export class TrackedCompletions {
  readonly documents = new Map<string, TrackedDocument>();
  /** The completion that was accepted or shown last: a comment without an id is about it. */
  lastSeen: string | null = null;
  /** Texts that were cut or taken away, of all documents. */
  readonly lost = new LostTexts();
  private readonly heads: GitHeads;
  private readonly byId = new Map<string, TrackedCompletion>();
  private readonly timers = new Map<TrackedCompletion, Map<string, () => void>>();

  constructor(private readonly clock: Clock) {
    this.heads = new GitHeads(clock.now);
  }

  add(completion: TrackedCompletion): void {
    this.byId.set(completion.record.id, completion);
  }

  get(completionId: string): TrackedCompletion | undefined {
    return this.byId.get(completionId);
  }

  all(): TrackedCompletion[] {
    return [...this.byId.values()];
  }

  /** The one that a span belongs to. */
  at(span: Span): TrackedCompletion | undefined {
    return this.all().find((completion) => completion.span === span);
  }

  /** Those of a document that are not over yet, in the order they were offered. */
  of(uri: string): TrackedCompletion[] {
    return this.all().filter((a) => a.uri === uri && a.state !== 'over');
  }

  documentOf(completion: TrackedCompletion): TrackedDocument | undefined {
    return this.documents.get(completion.uri);
  }

  /** The branch that the file of a completion is on; null outside of a repository. */
  headOf(completion: TrackedCompletion): string | null {
    const path = filePath(completion.uri);
    return path === null ? null : this.heads.headOf(path);
  }

  /** Whether the file on disk holds what the editor shows. */
  isSaved(completion: TrackedCompletion): boolean {
    const document = this.documentOf(completion);
    return document ? document.edits === document.savedEdits : completion.onDisk;
  }

  /** Calls back after `ms` unless the completion is over by then; a second timer of the same name replaces the first. */
  after(completion: TrackedCompletion, name: string, ms: number, callback: () => void): void {
    const own = this.timers.get(completion) ?? new Map<string, () => void>();
    this.timers.set(completion, own);
    own.get(name)?.();
    const cancel = this.clock.after(ms, () => {
      own.delete(name);
      if (completion.state !== 'over') {
        callback();
      }
    });
    own.set(name, cancel);
  }

  /** Nothing more is followed of it. */
  finish(completion: TrackedCompletion): void {
    completion.state = 'over';
    this.documentOf(completion)?.untrack(completion.span);
    this.lost.forget(completion.span);
    this.cancel(completion);
  }

  remove(completion: TrackedCompletion): void {
    this.finish(completion);
    this.byId.delete(completion.record.id);
  }

  /** Forgets what is decided or too old, but not the one seen last, so that a day of typing stays small. */
  sweep(): void {
    const now = this.clock.now();
    for (const completion of this.all()) {
      const unanswered = completion.state === 'offered' && now - completion.record.createdAt > UNANSWERED_MS;
      const old = now - completion.record.createdAt > 2 * FIX_MS || this.byId.size > MOST_COMPLETIONS;
      if (completion.record.id !== this.lastSeen && (completion.state === 'over' || unanswered || old)) {
        this.remove(completion);
      }
    }
  }

  /** Typing on one line is answered by several offers: the whole of it belongs to the first one rejected. */
  partOfAnother(completion: TrackedCompletion): boolean {
    return this.of(completion.uri).some(
      (other) =>
        other.state === 'rejected' &&
        other.record.createdAt < completion.record.createdAt &&
        other.span.start <= completion.span.start &&
        other.span.end >= completion.span.end,
    );
  }

  dispose(): void {
    for (const completion of [...this.timers.keys()]) {
      this.cancel(completion);
    }
  }

  private cancel(completion: TrackedCompletion): void {
    for (const cancel of this.timers.get(completion)?.values() ?? []) {
      cancel();
    }
    this.timers.delete(completion);
  }
}
