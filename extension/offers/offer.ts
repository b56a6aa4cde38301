/**
 * What becomes of ghost text, inferred from what stable API shows: the offer, the document's changes, the cursor, and
 * the command that an accepted item carries. Knows nothing of the editor, so that it can be tested alone.
 */

import type { ClientNotifications } from '../../server/protocol/messages';
import { Composition } from './composition';
import { type Change, closes, isPair, isTakenWhole, type Standing, stepOf, unix } from './going-along';

export type { Change };

export interface Offer {
  completionId: string;
  uri: string;
  /** UTF-16 offset at which the ghost text begins. */
  offset: number;
  /** What is still offered. */
  text: string;
}

export interface OfferReports {
  shown(report: ClientNotifications['hindsight/shown']): void;
  accepted(report: ClientNotifications['hindsight/accepted']): void;
  rejected(report: ClientNotifications['hindsight/rejected']): void;
  /** Whether ghost text of ours may be on screen. */
  offering(visible: boolean): void;
}

type NotTaken = ClientNotifications['hindsight/rejected']['kind'];

interface Pending extends Offer, Standing {
  /** Characters taken in pieces of more than one, as "accept word" inserts them. */
  pieces: number;
  typed: number;
  shown: boolean;
  /** What is typed may become the offered text. */
  composing: Composition | null;
}

/** Ghost text that stayed this long counts as seen. */
export const SHOWN_AFTER_MS = 120;
/** The editor inserts the text first and runs the item's command after it. */
export const COMMAND_WITHIN_MS = 400;

/** One offer at a time, as an editor shows it. */
export class OfferTracker {
  private pending: Pending | undefined;
  private shownTimer: ReturnType<typeof setTimeout> | undefined;
  /** All of it is in the document: by Tab, then its command follows in a moment, or by typing. */
  private taken: { completionId: string; timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(
    private readonly reports: OfferReports,
    private readonly now: () => number = Date.now,
  ) {}

  /** The server offered this at the cursor. */
  offered(given: Offer): void {
    const offer = { ...given, text: unix(given.text) };
    const previous = this.pending;
    if (previous?.completionId === offer.completionId) {
      // The same completion requested again while it is typed through: what counts is kept.
      Object.assign(previous, offer);
      return;
    }
    if (previous) this.leave('superseded');
    this.pending = { ...offer, pieces: 0, typed: 0, closers: '', shown: false, composing: null };
    this.reports.offering(true);
    this.shownTimer = setTimeout(() => this.markShown(), SHOWN_AFTER_MS);
  }

  /** The editor ran the item's command: the only thing that stable API reports for certain. */
  accepted(completionId: string): void {
    if (this.pending?.completionId === completionId) {
      this.markShown();
      this.forget();
    }
    if (this.taken?.completionId === completionId) {
      clearTimeout(this.taken.timer);
      this.taken = undefined;
    }
    this.reports.accepted({ completionId, confidence: 'observed', at: this.now() });
  }

  /** Escape, by our own key binding. */
  escaped(): void {
    if (this.pending) this.leave('rejected', 'observed');
  }

  /** The document under the ghost text changed: all changes of one message, in offsets of the document before them. */
  changed(uri: string, changes: readonly Change[]): void {
    const pending = this.pending;
    if (!pending || changes.length === 0 || pending.uri !== uri) return;
    const own = changes.find((change) => touches(change, pending));
    if (!own) {
      // Somewhere else: by another cursor, or a program.
      if (changes.length > 1) this.leave('superseded');
      else this.shift(pending, changes);
      return;
    }
    // Several cursors put the same text at their places.
    const others = changes.filter((change) => change !== own);
    if (others.length > 0 && !isTakenWhole(pending, own) && !stepOf(pending, own)) {
      this.leave('superseded');
      return;
    }
    this.takes(pending, own);
    if (this.pending === pending) this.shift(pending, others);
  }

  private takes(pending: Pending, change: Change): void {
    // An accepted item may replace what stood before the cursor as well.
    if (change.offset < pending.offset && isTakenWhole(pending, change)) {
      this.takenWhole(pending);
      return;
    }
    if (pending.composing) {
      this.compose(pending, pending.composing, change);
      return;
    }
    const step = stepOf(pending, change);
    if (!step) {
      pending.composing = Composition.begin(change, pending.offset, pending.text);
      if (!pending.composing) this.leave('rejected');
      return;
    }
    if (step.typed) pending.typed += step.matched;
    else pending.pieces += step.matched;
    if (isPair(change.text)) pending.closers = change.text[1]! + pending.closers;
    else if (change.removed > 0 && change.offset === pending.offset)
      pending.closers = pending.closers.slice(1);
    this.advance(pending, step.matched, step.inserted);
  }

  /** The text is being composed: it counts once it is the offered one, or something else. */
  private compose(pending: Pending, composition: Composition, change: Change): void {
    if (!composition.change(change)) {
      this.leave('rejected');
      return;
    }
    const matched = composition.matched(pending.text);
    if (matched === 0) return;
    pending.composing = null;
    pending.typed += matched;
    this.advance(pending, matched, matched);
  }

  /** Changes before the ghost text move it. */
  private shift(pending: Pending, changes: readonly Change[]): void {
    for (const { offset, removed, text } of changes)
      if (offset + removed < pending.offset) pending.offset += text.length - removed;
  }

  /** The cursor is elsewhere, or the document is. */
  moved(uri: string, offset: number): void {
    const pending = this.pending;
    if (!pending) return;
    // The cursor steps over a bracket that the editor had closed: it is as good as typed.
    if (pending.uri === uri && offset === pending.offset + 1 && closes(pending)) {
      pending.typed++;
      pending.closers = pending.closers.slice(1);
      this.advance(pending, 1, 1);
      return;
    }
    if (pending.uri === uri && pending.composing?.holds(offset)) return;
    if (pending.uri !== uri || offset !== pending.offset)
      this.leave(pending.composing ? 'rejected' : 'ignored');
  }

  dispose(): void {
    this.forget();
    clearTimeout(this.taken?.timer);
  }

  /** So many characters of it are in the document before the cursor; there they may be more (CRLF). */
  private advance(pending: Pending, matched: number, inserted: number): void {
    pending.offset += inserted;
    pending.text = pending.text.slice(matched);
    if (!pending.text) this.takenWhole(pending);
  }

  /** Waits a moment for the item's command; without it the text was typed. */
  private takenWhole(pending: Pending): void {
    this.markShown();
    this.forget();
    this.settleTaken();
    const { completionId } = pending;
    this.taken = { completionId, timer: setTimeout(() => this.settleTaken(), COMMAND_WITHIN_MS) };
  }

  private settleTaken(): void {
    if (!this.taken) return;
    const { completionId, timer } = this.taken;
    clearTimeout(timer);
    this.taken = undefined;
    this.reports.rejected({ completionId, kind: 'typed-through', confidence: 'inferred', at: this.now() });
  }

  /** The offer is over without the item's command. */
  private leave(kind: NotTaken, confidence: 'observed' | 'inferred' = 'inferred'): void {
    const pending = this.pending;
    if (!pending) return;
    const { completionId, pieces, shown } = pending;
    this.forget();
    const at = this.now();
    if (pieces > 0) {
      this.reports.accepted({
        completionId,
        confidence: 'inferred',
        at,
        acceptedLength: pieces + pending.typed,
      });
      return;
    }
    // What nobody can have seen was neither refused nor passed over.
    const seen = shown || confidence === 'observed';
    this.reports.rejected({ completionId, kind: seen ? kind : 'superseded', confidence, at });
  }

  private markShown(): void {
    const pending = this.pending;
    if (!pending || pending.shown) return;
    pending.shown = true;
    this.reports.shown({ completionId: pending.completionId, confidence: 'inferred', at: this.now() });
  }

  private forget(): void {
    clearTimeout(this.shownTimer);
    if (this.pending) this.reports.offering(false);
    this.pending = undefined;
  }
}

/** Whether a change is at the ghost text's place: there, up to there, or in what is composed there. */
function touches({ offset, removed }: Change, pending: Pending): boolean {
  if (pending.composing) return pending.composing.holds(offset) || offset + removed >= pending.offset;
  return offset <= pending.offset && offset + removed >= pending.offset;
}
