/** Diagnostics on accepted texts: one that stays is feedback, the edit that clears it is the correction. */
import type { ClientNotifications } from '../../protocol/messages';
import type { Range } from '../../protocol/types';
import type { Clock } from '../clock';
import type { TrackedCompletion } from '../tracking/tracked-completion';
import type { TrackedDocument } from '../tracking/tracked-document';

type Item = ClientNotifications['hindsight/diagnostics']['items'][number];

/** Unfinished code is full of errors for a moment: one counts after this, in ms. */
const STAY_MS = 5_000;
const MESSAGE_LIMIT = 500;

export interface DiagnosticHooks {
  failed(attempt: TrackedCompletion, text: string): void;
  fixed(attempt: TrackedCompletion): void;
  update(attempt: TrackedCompletion): void;
}

export class DiagnosticWatch {
  private readonly waits = new Map<TrackedCompletion, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly hooks: DiagnosticHooks,
  ) {}

  /** All diagnostics of a document, whenever they change. */
  look(document: TrackedDocument, attempts: readonly TrackedCompletion[], items: readonly Item[]): void {
    for (const attempt of attempts) {
      if (!attempt.isStanding) {
        continue;
      }
      const range = document.rangeOf(attempt.span);
      const on = items.filter((item) => touches(item.range, range));
      if (on.length > 0) {
        this.appeared(attempt, on);
      } else {
        this.cleared(attempt);
      }
    }
  }

  dispose(): void {
    for (const cancel of this.waits.values()) {
      cancel();
    }
    this.waits.clear();
  }

  private appeared(attempt: TrackedCompletion, items: readonly Item[]): void {
    const text = items
      .map((item) => `${item.source ? `${item.source}: ` : ''}${item.message}`)
      .join('\n')
      .slice(0, MESSAGE_LIMIT);
    if (attempt.diagnosticSeen) {
      attempt.diagnosticSeen.message = text;
      return;
    }
    attempt.diagnosticSeen = { at: this.clock.now(), message: text };
    this.waits.get(attempt)?.();
    const cancel = this.clock.after(STAY_MS, () => {
      this.waits.delete(attempt);
      const seen = attempt.diagnosticSeen;
      if (seen && attempt.state === 'accepted') {
        attempt.diagnostic = { text: seen.message, at: seen.at, fixedAt: null, textThen: attempt.current };
        this.hooks.failed(attempt, seen.message);
        this.hooks.update(attempt);
      }
    });
    this.waits.set(attempt, cancel);
  }

  private cleared(attempt: TrackedCompletion): void {
    this.waits.get(attempt)?.();
    this.waits.delete(attempt);
    attempt.diagnosticSeen = null;
    const diagnostic = attempt.diagnostic;
    if (!diagnostic || diagnostic.fixedAt !== null) {
      return;
    }
    if (attempt.current !== diagnostic.textThen) {
      diagnostic.fixedAt = this.clock.now();
      this.hooks.fixed(attempt);
    } else {
      // An import was added, another file was changed: the completion was not what was wrong.
      attempt.diagnostic = null;
    }
    this.hooks.update(attempt);
  }
}

/** Whether two ranges have a place in common; their ends belong to them. */
export function touches(a: Range, b: Range): boolean {
  return before(a.start, b.end) && before(b.start, a.end);
}

function before(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character <= b.character);
}
