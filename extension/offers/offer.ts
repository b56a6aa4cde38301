/**
 * What becomes of ghost text, inferred from what stable API shows: the offer, the document's changes, the cursor, and
 * the command that an accepted item carries. Knows nothing of the editor, so that it can be tested alone.
 */

import type { ClientNotifications } from '../../server/protocol/messages';

export interface Offer {
  completionId: string;
  uri: string;
  /** UTF-16 offset at which the ghost text begins. */
  offset: number;
  /** What is still offered. */
  text: string;
}

export interface Change {
  offset: number;
  removed: number;
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

interface Pending extends Offer {
  /** Characters taken in pieces of more than one, as "accept word" inserts them. */
  pieces: number;
  typed: number;
  /** Closing brackets and quotes that the editor has put behind the cursor by itself. */
  closers: string;
  shown: boolean;
}

/** Ghost text that stayed this long counts as seen. */
export const SHOWN_AFTER_MS = 120;
/** The editor inserts the text first and runs the item's command after it. */
export const COMMAND_WITHIN_MS = 400;
/** A typed character closed by the editor ("(" becomes "()") is no other text. */
const PAIRS = ['()', '[]', '{}', '<>', '""', "''", '``'];

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
  offered(offer: Offer): void {
    const previous = this.pending;
    if (previous?.completionId === offer.completionId) {
      // The same completion asked for again while it is typed through: what counts is kept.
      Object.assign(previous, offer);
      return;
    }
    if (previous) this.leave('superseded');
    this.pending = { ...offer, pieces: 0, typed: 0, closers: '', shown: false };
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

  /** The document under the ghost text changed. */
  changed(uri: string, changes: readonly Change[]): void {
    const pending = this.pending;
    const change = changes[0];
    if (!pending || !change || pending.uri !== uri) return;
    if (changes.length > 1) {
      this.leave('superseded');
      return;
    }
    // An accepted item may replace what stood before the cursor as well.
    if (change.offset < pending.offset && change.text.endsWith(pending.text)) {
      this.takenWhole(pending);
      return;
    }
    const matched = typedThrough(pending, change);
    if (matched === 0) {
      this.leave('rejected');
      return;
    }
    if (matched > 1) pending.pieces += matched;
    else pending.typed += matched;
    if (PAIRS.includes(change.text)) pending.closers = change.text[1]! + pending.closers;
    else if (change.removed > 0) pending.closers = pending.closers.slice(1);
    this.advance(pending, matched);
  }

  /** The cursor is elsewhere, or the document is. */
  moved(uri: string, offset: number): void {
    const pending = this.pending;
    if (!pending) return;
    // The cursor steps over a bracket that the editor had closed: it is as good as typed.
    if (pending.uri === uri && offset === pending.offset + 1 && closes(pending)) {
      pending.typed++;
      pending.closers = pending.closers.slice(1);
      this.advance(pending, 1);
      return;
    }
    if (pending.uri !== uri || offset !== pending.offset) this.leave('ignored');
  }

  dispose(): void {
    this.forget();
    clearTimeout(this.taken?.timer);
  }

  /** So many characters of it are in the document before the cursor. */
  private advance(pending: Pending, matched: number): void {
    pending.offset += matched;
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

/** Characters of the ghost text that this change inserts at its beginning; 0 where it does something else. */
function typedThrough(pending: Pending, change: Change): number {
  if (change.offset !== pending.offset) return 0;
  // Typed over the closing bracket that the editor had put there.
  if (change.removed > 0)
    return change.removed === 1 && change.text === pending.closers[0] && closes(pending) ? 1 : 0;
  if (PAIRS.includes(change.text)) return change.text[0] === pending.text[0] ? 1 : 0;
  return change.text.length > 0 && pending.text.startsWith(change.text) ? change.text.length : 0;
}

/** What is offered next stands behind the cursor already. */
function closes(pending: Pending): boolean {
  return pending.closers !== '' && pending.text[0] === pending.closers[0];
}
