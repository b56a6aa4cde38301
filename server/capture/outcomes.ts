/** What is written of an attempt when something happened to it: looks at its text, feedback, its learning event. */

import type { Clock } from './clock';
import type { RedactingStore } from './redacting-store';
import { FIX_MS } from './signals';
import type { TrackedCompletions } from './tracking/completions';
import type { TrackedCompletion } from './tracking/tracked-completion';

/** Looks that come by time are always kept; the others where the text is another than at the last look. */
type SnapshotReason = '30s' | '2min' | '10min' | 'save' | 'close' | 'train';

export class CaptureEvents {
  constructor(
    private readonly table: TrackedCompletions,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly settleMs: () => number,
  ) {}

  /** Stores what has become of an accepted text. */
  look(attempt: TrackedCompletion, reason: SnapshotReason): void {
    const timed = reason === '30s' || reason === '2min' || reason === '10min';
    if (!attempt.isStanding || (!timed && attempt.lookedAt === attempt.current)) {
      return;
    }
    attempt.lookedAt = attempt.current;
    this.out.addKept({
      completionId: attempt.record.id,
      at: this.clock.now(),
      reason,
      text: attempt.current,
      editDistance: attempt.distance(),
    });
  }

  /** Stores a piece of feedback; a failure is looked at again when its time for a fix is over. */
  note(
    attempt: TrackedCompletion,
    kind: 'test-failed' | 'test-fixed' | 'diagnostic' | 'diagnostic-fixed',
    text: string,
  ): void {
    this.out.addFeedback({ completionId: attempt.record.id, kind, at: this.clock.now(), text });
    if (kind === 'test-failed' || kind === 'diagnostic') {
      this.table.after(attempt, kind, FIX_MS, () => this.update(attempt));
    }
  }

  /** The developer's own change: it counts once it has settled. */
  settleLater(attempt: TrackedCompletion): void {
    this.table.after(attempt, 'settle', this.settleMs(), () => this.update(attempt));
  }

  /** Puts the learning event this makes, where it is another than before. `force`: what is saved counts at once. */
  update(attempt: TrackedCompletion, force = false): void {
    if (!this.mayHaveEvent(attempt, force)) {
      return;
    }
    const derived = attempt.derive(this.table.isSaved(attempt), this.clock.now(), this.settleMs(), force);
    const put = derived === null && attempt.lastPut !== '' ? attempt.retraction() : derived;
    const key = JSON.stringify(put);
    const back = put?.status === 'waiting' && attempt.ready && put.solution === attempt.readySolution;
    if (put && key !== attempt.lastPut && !back) {
      attempt.lastPut = key;
      attempt.ready = put.status === 'ready';
      attempt.readySolution = attempt.ready ? put.solution : null;
      this.out.putEvent(attempt, put);
    }
  }

  private mayHaveEvent(attempt: TrackedCompletion, force: boolean): boolean {
    if (this.out.isRefused(attempt.record.id)) {
      return false;
    }
    switch (attempt.state) {
      case 'accepted':
        return true;
      case 'offered':
        // Words on a completion that was only shown make an event too.
        return attempt.words !== null;
      case 'rejected':
        return (
          (attempt.otherwiseOver || force || attempt.words !== null) && !this.table.partOfAnother(attempt)
        );
      case 'over':
        return false;
    }
  }
}
