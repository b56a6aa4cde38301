/** One completion on its way: what was offered, where it stands now, what happened to it. */

import type { CompletionRecord } from '../../store/records';
import { editDistance } from '../edit-distance';
import { type Derived, derive, type Facts, type Failure } from '../signals';
import { lineBreaksIn, makeSpan, type Span } from './spans';
import type { TrackedDocument } from './tracked-document';

/** A test failure that this completion is blamed for. */
export interface TestFailing extends Failure {
  /** The command and its folder. */
  key: string;
  /** Names of the failing tests. */
  names: string[];
  /** The span's text when the test failed: a fix must have changed it. */
  textThen: string;
}

export type State = 'offered' | 'accepted' | 'rejected' | 'over';

export class TrackedCompletion {
  state: State = 'offered';
  /** Before acceptance: an empty open span at the cursor that takes in what is typed there. Afterwards: the accepted text. */
  readonly span: Span;
  /** The accepted text as it stood in the document. */
  accepted = '';
  decidedAt = 0;
  ownEdits = 0;
  lastEditAt = 0;
  failure: TestFailing | null = null;
  diagnostic: (Failure & { textThen: string }) | null = null;
  /** When a diagnostic on the span was first seen; it counts once it has stayed. */
  diagnosticSeen: { at: number; message: string } | null = null;
  /** What the developer said about it. */
  comments: string | null = null;
  /** Thumbs down: it does not count as kept. */
  disliked = false;
  /** Why nothing can be learned from it. */
  ambiguous: string | null = null;
  /** Why a test failure was not counted. */
  doubt: string | null = null;
  kept = false;
  /** The branch it was accepted on. */
  head: string | null = null;
  /** The text now; follows the span while the document is open. */
  current = '';
  /** The text and facts of the last event put, to put only what changed. */
  lastPut = '';
  /** How much of the offered text was accepted, in UTF-16 units. */
  length: number;
  /** Its document was saved since it was accepted. */
  onDisk = false;
  /** The time for typing something else is over. */
  otherwiseOver = false;
  /** The text of the last snapshot. */
  snapshotText: string | null = null;
  /** The event stored last was ready to be trained on. */
  ready = false;
  /** The solution that was ready: a round may have read it, so it does not go back to waiting. */
  readySolution: string | null = null;
  /** Its place and function when its document was closed. */
  resting: { startLine: number; endLine: number; lines: string[] } | null = null;
  /** The latest own changes by document version, until it is known why they came. */
  private recent: { version: number; lastEditAt: number }[] = [];

  constructor(
    readonly record: CompletionRecord,
    document: TrackedDocument,
  ) {
    this.length = record.text.length;
    const at = document.offsetAt(record.line, record.character);
    this.span = makeSpan(at, at, 0, true);
    document.track(this.span);
  }

  /**
   * The completion was accepted: from here on the span is its text in the document.
   * @returns false where the text does not stand there (yet).
   */
  accept(document: TrackedDocument, length: number): boolean {
    const offered = this.record.text.slice(0, length);
    const variants = [offered, offered.replace(/\r?\n/g, '\r\n')];
    for (const text of variants) {
      const at = nearest(document.text, text, this.span.start);
      if (at !== null) {
        Object.assign(this.span, makeSpan(at, at + text.length, lineBreaksIn(text)));
        this.accepted = text;
        this.current = text;
        this.ownEdits = 0;
        this.onDisk = false;
        return true;
      }
    }
    return false;
  }

  /**
   * It was accepted under an earlier server, and its document is open again: from here on the span is what had become of it.
   * @returns false where that text does not stand near its place any more.
   */
  resume(document: TrackedDocument, accepted: string, current: string, decidedAt: number): boolean {
    for (const text of [current, current.replace(/\r?\n/g, '\r\n')]) {
      const at = nearest(document.text, text, this.span.start);
      if (at !== null) {
        Object.assign(this.span, makeSpan(at, at + text.length, lineBreaksIn(text)));
        this.state = 'accepted';
        this.accepted = text === current ? accepted : accepted.replace(/\r?\n/g, '\r\n');
        this.current = text;
        this.decidedAt = decidedAt;
        this.lastEditAt = decidedAt;
        this.ownEdits = accepted === current ? 0 : 1;
        this.onDisk = true;
        return true;
      }
    }
    return false;
  }

  /** It was accepted, and its text was found in the document. */
  get isStanding(): boolean {
    return this.state === 'accepted' && this.accepted !== '';
  }

  /** What a text of it is from the accepted one, in [0, 1]. */
  distance(): number {
    return editDistance(this.accepted, this.current);
  }

  /** The span's text was changed by a change of the document; own until `disown` says otherwise. */
  touch(version: number, now: number): void {
    this.recent = [...this.recent.slice(-7), { version, lastEditAt: this.lastEditAt }];
    this.ownEdits++;
    this.lastEditAt = now;
  }

  /** That version's change was not the developer's own. @returns whether it had touched the span. */
  disown(version: number): boolean {
    const found = this.recent.findIndex((change) => change.version === version);
    if (found < 0) {
      return false;
    }
    const [change] = this.recent.splice(found, 1);
    this.ownEdits--;
    if (found === this.recent.length) {
      this.lastEditAt = change!.lastEditAt;
    }
    return true;
  }

  /** Its document is closed: remember where it stood. */
  detach(document: TrackedDocument): void {
    const { start, end } = document.rangeOf(this.span);
    this.resting = { startLine: start.line, endLine: end.line, lines: document.text.split('\n') };
    document.untrack(this.span);
  }

  /** Its document is open again: follow it where its text still stands. */
  reattach(document: TrackedDocument): void {
    const at = nearest(document.text, this.current, this.span.start);
    this.resting = null;
    if (at === null) {
      this.state = 'over';
      return;
    }
    Object.assign(this.span, makeSpan(at, at + this.current.length, lineBreaksIn(this.current)));
    document.track(this.span);
  }

  /** The event that takes back one put before: the edit was undone. */
  retraction(): Derived {
    const reason = 'What it was learned from was taken back.';
    return { solution: null, output: null, words: null, signals: [], weight: 0, status: 'dropped', reason };
  }

  /** The learning event this makes now; null for none. */
  derive(saved: boolean, now: number, settleMs: number, force: boolean) {
    const facts: Facts = {
      text: this.state === 'accepted' ? this.accepted : this.record.text,
      accepted: this.state === 'accepted',
      current: this.current,
      ownEdits: this.ownEdits,
      lastEditAt: this.lastEditAt,
      saved,
      failure: this.failure,
      diagnostic: this.diagnostic,
      comments: this.comments,
      kept: this.kept && !this.disliked,
      ambiguous: this.ambiguous,
      doubt: this.doubt,
      now,
      settleMs,
      force,
    };
    return derive(facts);
  }
}

/** Where `text` stands nearest to `from`: there, or in the lines around it (the document moved while the message came). */
function nearest(document: string, text: string, from: number): number | null {
  if (text === '') {
    return null;
  }
  if (document.startsWith(text, from)) {
    return from;
  }
  const before = document.lastIndexOf(text, from);
  const after = document.indexOf(text, from);
  const reach = 400 + text.length;
  const found = [before, after].filter((at) => at >= 0 && Math.abs(at - from) <= reach);
  return found.length ? found.reduce((a, b) => (Math.abs(a - from) <= Math.abs(b - from) ? a : b)) : null;
}
