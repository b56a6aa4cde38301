/** Diagnostics on accepted texts: one that stays is feedback, the edit that clears it is the correction. */
import type { ClientNotifications } from '../../protocol/messages';
import type { Range } from '../../protocol/types';
import { cutText } from '../../workspace/redaction';
import type { Clock } from '../clock';
import type { CaptureEvents } from '../events';
import type { TrackedCompletions } from '../tracking/completions';
import type { TrackedCompletion } from '../tracking/tracked-completion';

type Item = ClientNotifications['hindsight/diagnostics']['items'][number];

/** Unfinished code is full of errors for a moment: one counts after this, in ms. */
const STAY_MS = 5_000;
const MESSAGE_LIMIT = 500;

export class CaptureDiagnostics {
  private readonly waits = new Map<TrackedCompletion, () => void>();

  constructor(
    private readonly tracked: TrackedCompletions,
    private readonly events: CaptureEvents,
    private readonly clock: Clock,
  ) {}

  /** All diagnostics of a document, whenever they change. */
  update(uri: string, items: readonly Item[]): void {
    const document = this.tracked.documents.get(uri);
    for (const completion of document ? this.tracked.of(uri) : []) {
      if (!completion.isStanding) {
        continue;
      }
      const range = document!.rangeOf(completion.span);
      const on = items.filter((item) => touches(item.range, range));
      if (on.length > 0) {
        this.appeared(completion, on);
      } else {
        this.cleared(completion);
      }
    }
  }

  dispose(): void {
    for (const cancel of this.waits.values()) {
      cancel();
    }
    this.waits.clear();
  }

  private appeared(completion: TrackedCompletion, items: readonly Item[]): void {
    const messages = items.map((item) => `${item.source ? `${item.source}: ` : ''}${item.message}`);
    const text = cutText(messages.join('\n'), MESSAGE_LIMIT);
    if (completion.diagnosticSeen) {
      completion.diagnosticSeen.message = text;
      return;
    }
    completion.diagnosticSeen = { at: this.clock.now(), message: text };
    this.waits.get(completion)?.();
    const cancel = this.clock.after(STAY_MS, () => {
      this.waits.delete(completion);
      const seen = completion.diagnosticSeen;
      if (seen && completion.state === 'accepted') {
        completion.diagnostic = {
          text: seen.message,
          at: seen.at,
          fixedAt: null,
          textThen: completion.current,
        };
        this.events.note(completion, 'diagnostic', seen.message);
        this.events.update(completion);
      }
    });
    this.waits.set(completion, cancel);
  }

  private cleared(completion: TrackedCompletion): void {
    this.waits.get(completion)?.();
    this.waits.delete(completion);
    completion.diagnosticSeen = null;
    const diagnostic = completion.diagnostic;
    // A build's error is over when the build says so.
    if (!diagnostic || diagnostic.build !== undefined || diagnostic.fixedAt !== null) {
      return;
    }
    if (completion.current !== diagnostic.textThen) {
      diagnostic.fixedAt = this.clock.now();
      this.events.note(completion, 'diagnostic-fixed', completion.current);
    } else {
      // An import was added, another file was changed: the completion was not what was wrong.
      completion.diagnostic = null;
    }
    this.events.update(completion);
  }
}

/** Whether two ranges have a place in common; their ends belong to them. */
export function touches(a: Range, b: Range): boolean {
  return before(a.start, b.end) && before(b.start, a.end);
}

function before(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}
