/**
 * Completions of a server before this one (it was closed, restarted or killed): what is reported of them late still counts, and
 * accepted texts that stand in a document opened now are followed again.
 */

import type { OutcomeRecord } from '../../store/records';
import type { FeedbackStore } from '../../store/store';
import type { Clock } from '../clock';
import type { CapturePolicy } from '../policy';
import type { RedactingStore } from '../redacting-store';
import { FIX_MS } from '../signals';
import type { TrackedCompletions } from './completions';
import { TrackedCompletion } from './tracked-completion';
import type { TrackedDocument } from './tracked-document';

/** Shorter texts stand in too many places to be recognised. */
const SHORTEST = 8;

export class Resume {
  constructor(
    private readonly store: FeedbackStore,
    private readonly tracked: TrackedCompletions,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
  ) {}

  /** A document was opened: follows the accepted texts of the last day that still stand in it. */
  opened(uri: string): void {
    this.out.enqueue(async () => {
      if (await this.policy.checkExcluded(uri)) {
        return;
      }
      const since = this.clock.now() - FIX_MS;
      for (const { completionId, acceptedLength, at, keptText } of await this.store.completions.acceptedIn(
        uri,
        since,
      )) {
        const record = this.isFollowable(completionId)
          ? await this.store.completions.get(completionId)
          : null;
        const document = this.tracked.documents.get(uri);
        if (!record || !document || this.tracked.get(completionId)) {
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
      const record = this.isFollowable(completionId) ? await this.store.completions.get(completionId) : null;
      if (!record || (await this.policy.checkExcluded(record.uri))) {
        return;
      }
      const document = this.tracked.documents.get(record.uri);
      if (!document) {
        this.out.addOutcome(outcome);
        return;
      }
      this.tracked.add(new TrackedCompletion(record, document));
      follow();
    });
  }

  private isFollowable(completionId: string): boolean {
    return !this.tracked.get(completionId) && !this.out.isRefused(completionId);
  }

  private resume(
    completion: TrackedCompletion,
    document: TrackedDocument,
    accepted: string,
    current: string,
    at: number,
  ): void {
    if (current.trim().length < SHORTEST || !completion.resume(document, accepted, current, at)) {
      document.untrack(completion.span);
      return;
    }
    completion.head = this.tracked.headOf(completion);
    this.tracked.add(completion);
  }
}
