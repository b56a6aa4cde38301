/**
 * Completions of a server before this one (it was closed, restarted or killed): what is told of them late still counts, and
 * accepted texts that stand in a document opened now are followed again.
 */

import type { FeedbackStore, OutcomeRecord } from '../../store/records';
import type { Clock } from '../clock';
import type { RedactingStore } from '../redacting-store';
import { FIX_MS } from '../signals';
import type { TrackedCompletions } from './completions';
import { TrackedCompletion } from './tracked-completion';
import type { TrackedDocument } from './tracked-document';

/** Shorter texts stand in too many places to be recognised. */
const SHORTEST = 8;

export interface ResumeHooks {
  /** Whether nothing of this document is captured. */
  excluded(uri: string): boolean;
  headOf(attempt: TrackedCompletion): string | null;
}

export class Resume {
  constructor(
    private readonly store: FeedbackStore,
    private readonly table: TrackedCompletions,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly hooks: ResumeHooks,
  ) {}

  /** A document was opened: follows the accepted texts of the last day that still stand in it. */
  opened(uri: string): void {
    if (this.hooks.excluded(uri)) {
      return;
    }
    this.out.enqueue(async () => {
      const since = this.clock.now() - FIX_MS;
      for (const { completionId, acceptedLength, at, keptText } of await this.store.acceptedIn(uri, since)) {
        const record = this.isFollowable(completionId) ? await this.store.getCompletion(completionId) : null;
        const document = this.table.documents.get(uri);
        if (!record || !document || this.table.get(completionId)) {
          continue;
        }
        const accepted = record.text.slice(0, acceptedLength ?? record.text.length);
        this.resume(new TrackedCompletion(record, document), document, accepted, keptText ?? accepted, at);
      }
    });
  }

  /**
   * An outcome of a completion that is not followed. Where its document is open it is followed again, and `follow` is called;
   * otherwise the outcome alone is stored. Of a completion that was never stored nothing is.
   */
  late(outcome: OutcomeRecord, follow: () => void): void {
    const { completionId } = outcome;
    this.out.enqueue(async () => {
      const record = this.isFollowable(completionId) ? await this.store.getCompletion(completionId) : null;
      if (!record || this.hooks.excluded(record.uri)) {
        return;
      }
      const document = this.table.documents.get(record.uri);
      if (!document) {
        this.out.addOutcome(outcome);
        return;
      }
      this.table.add(new TrackedCompletion(record, document));
      follow();
    });
  }

  private isFollowable(completionId: string): boolean {
    return !this.table.get(completionId) && !this.out.isRefused(completionId);
  }

  private resume(
    attempt: TrackedCompletion,
    document: TrackedDocument,
    accepted: string,
    current: string,
    at: number,
  ): void {
    if (current.trim().length < SHORTEST || !attempt.resume(document, accepted, current, at)) {
      document.untrack(attempt.span);
      return;
    }
    attempt.head = this.hooks.headOf(attempt);
    this.table.add(attempt);
  }
}
