/** What is written of a completion when something happened to it: a snapshot of its text, feedback, its learning event. */

import { hasSecret } from '../workspace/redaction';
import type { Clock } from './clock';
import type { CapturePolicy } from './policy';
import type { RedactingStore } from './redacting-store';
import { FIX_MS } from './signals';
import type { TrackedCompletions } from './tracking/completions';
import type { TrackedCompletion } from './tracking/tracked-completion';

/** Snapshots that come by time are always stored; the others where the text is another than in the last one. */
type SnapshotReason = '30s' | '2min' | '10min' | 'save' | 'close' | 'train';

/** A correction that was seen. */
export interface Noted {
  completionId: string;
  /** What was offered, and what stands there now. */
  offered: string;
  kept: string;
}

/** After the last key of a correction; in ms. */
const NOTED_MS = 800;
const MOST_TOLD = 100;

export class CaptureEvents {
  /** What was last told of a completion. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly out: RedactingStore,
    private readonly clock: Clock,
    private readonly policy: CapturePolicy,
    private readonly onNoted: (note: Noted) => void = () => undefined,
  ) {}

  /** Stores what has become of an accepted text. */
  snapshot(completion: TrackedCompletion, reason: SnapshotReason): void {
    const timed = reason === '30s' || reason === '2min' || reason === '10min';
    if (!completion.isStanding || (!timed && completion.snapshotText === completion.current)) {
      return;
    }
    completion.snapshotText = completion.current;
    this.out.addKept(completion.record, {
      completionId: completion.record.id,
      at: this.clock.now(),
      reason,
      text: completion.current,
      editDistance: completion.distance(),
    });
  }

  /** Stores a piece of feedback; the event of a failure is derived again when its time for a fix is over. */
  note(
    completion: TrackedCompletion,
    kind: 'test-failed' | 'test-fixed' | 'diagnostic' | 'diagnostic-fixed',
    text: string,
  ): void {
    this.out.addFeedback({ completionId: completion.record.id, kind, at: this.clock.now(), text });
    if (kind === 'test-failed' || kind === 'diagnostic') {
      this.tracked.after(completion, kind, FIX_MS, () => this.update(completion));
    }
  }

  /** The developer's own change: it counts once it has settled; that it was seen is said as soon as the fingers rest. */
  settleLater(completion: TrackedCompletion): void {
    this.tracked.after(completion, 'noted', NOTED_MS, () => this.acknowledge(completion));
    this.tracked.after(completion, 'settle', this.policy.settleMs, () => this.update(completion));
  }

  /** Says what a correction is taken for, once for each text. Nothing is stored by it. */
  private acknowledge(completion: TrackedCompletion): void {
    if (!this.mayHaveEvent(completion, true)) return;
    const derived = completion.derive(true, this.clock.now(), 0, true);
    const { id, text } = completion.record;
    if (derived?.status !== 'ready' || derived.solution === null || this.told.get(id) === derived.solution)
      return;
    const kept = derived.solution;
    this.out.enqueue(async () => {
      if (await hasSecret(kept)) return;
      this.told.set(id, kept);
      for (const oldest of [...this.told.keys()].slice(0, -MOST_TOLD)) this.told.delete(oldest);
      this.onNoted({ completionId: id, offered: text, kept });
    });
  }

  /** Puts the learning event this makes, where it is another than before. `force`: what is saved counts at once. */
  update(completion: TrackedCompletion, force = false): void {
    if (!this.mayHaveEvent(completion, force)) {
      return;
    }
    const derived = completion.derive(
      this.tracked.isSaved(completion),
      this.clock.now(),
      this.policy.settleMs,
      force,
    );
    const put = derived === null && completion.lastPut !== '' ? completion.retraction() : derived;
    const key = JSON.stringify(put);
    const back = put?.status === 'waiting' && completion.ready && put.solution === completion.readySolution;
    if (put && key !== completion.lastPut && !back) {
      completion.lastPut = key;
      completion.ready = put.status === 'ready';
      completion.readySolution = completion.ready ? put.solution : null;
      this.out.putEvent(completion, put);
    }
  }

  private mayHaveEvent(completion: TrackedCompletion, force: boolean): boolean {
    if (this.out.isRefused(completion.record.id)) {
      return false;
    }
    switch (completion.state) {
      case 'accepted':
        return true;
      case 'offered':
        // A comment on a completion that was only shown makes an event too.
        return completion.comments !== null;
      case 'rejected':
        return (
          (completion.otherwiseOver || force || completion.comments !== null) &&
          !this.tracked.partOfAnother(completion)
        );
      case 'suspended':
      case 'over':
        return false;
    }
  }
}
