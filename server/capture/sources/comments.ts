/** The developer's own words and thumbs on a completion. */
import type { ClientNotifications } from '../../protocol/messages';
import type { FeedbackStore } from '../../store/records';
import type { CaptureEvents } from '../outcomes';
import type { RedactingStore } from '../redacting-store';
import type { TrackedCompletions } from '../tracking/completions';

export class CaptureComments {
  /** The completion that was accepted or shown last: words without an id are about it. */
  last: string | null = null;

  constructor(
    private readonly store: FeedbackStore,
    private readonly table: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
  ) {}

  feedback(message: ClientNotifications['hindsight/feedback']): void {
    const { completionId, text, thumbs, at } = message;
    const id = completionId ?? this.last;
    if (id === null) {
      this.afterRestart(message);
      return;
    }
    if (thumbs !== 0) {
      this.out.addFeedback({ completionId: id, kind: 'thumbs', at, text: thumbs > 0 ? '+1' : '-1' });
    }
    const words = text.trim();
    if (words === '') {
      return;
    }
    this.out.addFeedback({ completionId: id, kind: 'words', at, text: words });
    const attempt = this.table.get(id);
    if (attempt) {
      attempt.words = attempt.words ? `${attempt.words}\n${words}` : words;
      this.events.update(attempt);
    } else {
      this.out.putWords(id, words);
    }
  }

  /** What is meant was offered by a server before this one. */
  private afterRestart(message: ClientNotifications['hindsight/feedback']): void {
    this.out.enqueue(async () => {
      this.last ??= await this.store.lastSeen();
      if (this.last !== null) {
        this.feedback(message);
      }
    });
  }
}
