/** What became of an offer: shown, accepted, rejected. The text of an accepted one is followed from here on. */
import type { ClientNotifications } from '../../protocol/messages';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../events';
import type { RedactingStore } from '../redacting-store';
import type { TrackedCompletions } from '../tracking/completions';
import type { RejectedPlaces } from '../tracking/rejected-places';
import type { Resume } from '../tracking/resume';

type Message<Name extends keyof ClientNotifications> = ClientNotifications[`${Name}`];

/** When the kept text of an accepted completion is stored, in ms after acceptance. */
const SNAPSHOTS = [
  { after: 30_000, reason: '30s' },
  { after: 120_000, reason: '2min' },
  { after: 600_000, reason: '10min' },
] as const;
/** An acceptance whose text has not appeared in the document after this is not followed, in ms. */
const APPEAR_MS = 5_000;
/** How long after a rejection typing counts as "typed otherwise", in ms. */
export const OTHERWISE_MS = 30_000;

export class CaptureOutcomes {
  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly out: RedactingStore,
    private readonly resume: Resume,
    private readonly places: RejectedPlaces,
    private readonly clock: Clock,
  ) {}

  shown(message: Message<'hindsight/shown'>): void {
    const { completionId, confidence, at } = message;
    const outcome = { completionId, kind: 'shown', confidence, at, acceptedLength: null } as const;
    if (!this.tracked.get(completionId)) {
      this.resume.late(outcome, () => this.shown(message));
      return;
    }
    this.tracked.lastSeen = completionId;
    this.out.addOutcome(outcome);
  }

  accepted(message: Message<'hindsight/accepted'>): void {
    const { completionId, confidence, at, acceptedLength } = message;
    const completion = this.tracked.get(completionId);
    if (!completion) {
      const kind = acceptedLength === undefined ? 'accepted' : 'accepted-partially';
      const outcome = { completionId, kind, confidence, at, acceptedLength: acceptedLength ?? null } as const;
      this.resume.late(outcome, () => this.accepted(message));
      return;
    }
    this.tracked.lastSeen = completionId;
    const length = acceptedLength ?? completion.record.text.length;
    const kind = length < completion.record.text.length ? 'accepted-partially' : 'accepted';
    this.out.addOutcome({ completionId, kind, confidence, at, acceptedLength: acceptedLength ?? null });
    this.places.remove(completion.record.prefix, completion.record.text);
    const again = completion.state === 'accepted';
    completion.state = 'accepted';
    completion.length = length;
    completion.decidedAt = this.clock.now();
    completion.accepted = '';
    completion.head = this.tracked.headOf(completion);
    const document = this.tracked.documentOf(completion);
    if (document) {
      completion.accept(document, completion.length);
    }
    if (!again) {
      this.tracked.after(completion, 'appear', APPEAR_MS, () => {
        if (completion.accepted === '') {
          this.tracked.finish(completion);
        }
      });
      for (const { after, reason } of SNAPSHOTS) {
        this.tracked.after(completion, reason, after, () => {
          completion.kept ||= reason === '10min';
          this.events.snapshot(completion, reason);
          this.events.update(completion);
        });
      }
    }
  }

  rejected(message: Message<'hindsight/rejected'>): void {
    const { completionId, kind, confidence, at } = message;
    const outcome = { completionId, kind, confidence, at, acceptedLength: null };
    const completion = this.tracked.get(completionId);
    if (!completion) {
      this.resume.late(outcome, () => this.rejected(message));
      return;
    }
    if (completion.state !== 'offered') {
      return;
    }
    this.out.addOutcome(outcome);
    if (kind !== 'rejected') {
      this.tracked.finish(completion);
      return;
    }
    completion.state = 'rejected';
    completion.decidedAt = this.clock.now();
    this.places.add(completion.record.prefix, completion.record.text);
    const document = this.tracked.documentOf(completion);
    completion.current = document?.textOf(completion.span) ?? '';
    completion.lastEditAt = completion.decidedAt;
    this.tracked.after(completion, 'otherwise', OTHERWISE_MS, () => {
      completion.otherwiseOver = true;
      if (completion.current.trimStart().startsWith(completion.record.text.trim())) {
        // What was typed is the offered text: it was refused for a moment only.
        this.places.remove(completion.record.prefix, completion.record.text);
      }
      if (completion.current.trim() === '' || this.tracked.partOfAnother(completion)) {
        this.tracked.finish(completion);
      } else {
        this.events.update(completion);
      }
    });
  }
}
