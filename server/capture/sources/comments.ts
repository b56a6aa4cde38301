/** The developer's own comments and thumbs on a completion. */
import type { ClientNotifications } from '../../protocol/messages';
import type { FeedbackStore } from '../../store/store';
import type { CaptureEvents } from '../events';
import type { RedactingStore } from '../redacting-store';
import type { TrackedCompletions } from '../tracking/completions';
import type { RejectedPlaces } from '../tracking/rejected-places';

export class CaptureComments {
  constructor(
    private readonly store: FeedbackStore,
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
    private readonly places: RejectedPlaces,
  ) {}

  feedback(message: ClientNotifications['hindsight/feedback']): void {
    const { completionId, text, thumbs, at } = message;
    const id = completionId ?? this.tracked.lastSeen;
    if (id === null) {
      this.afterRestart(message);
      return;
    }
    if (thumbs !== 0) {
      this.out.addFeedback({ completionId: id, kind: 'thumbs', at, text: thumbs > 0 ? '+1' : '-1' });
      this.thumb(id, thumbs);
    }
    const comment = text.trim();
    if (comment === '') {
      return;
    }
    this.out.addFeedback({ completionId: id, kind: 'words', at, text: comment });
    const completion = this.tracked.get(id);
    if (completion) {
      completion.comments = completion.comments ? `${completion.comments}\n${comment}` : comment;
      this.events.update(completion);
    } else {
      this.out.putComment(id, comment);
    }
  }

  /** Up: the text counts as kept at once. Down: it is not offered at this place again, and does not count as kept. */
  private thumb(completionId: string, thumbs: 1 | -1): void {
    const completion = this.tracked.get(completionId);
    if (!completion) {
      return;
    }
    completion.disliked = thumbs < 0;
    if (thumbs > 0) {
      completion.kept = true;
    } else {
      this.places.add(completion.record.prefix, completion.record.text);
    }
    this.events.update(completion);
  }

  /** What is meant was offered by a server before this one. */
  private afterRestart(message: ClientNotifications['hindsight/feedback']): void {
    this.out.enqueue(async () => {
      this.tracked.lastSeen ??= await this.store.outcomes.lastSeen();
      if (this.tracked.lastSeen !== null) {
        this.feedback(message);
      }
    });
  }
}
