/** One completion on its way: what was offered, where it stands now, what happened to it. */

import type { CompletionRecord } from '../../store/records';
import { editDistance } from '../edit-distance';
import type { EditSource } from '../edits/sources';
import { type Derived, derive, type Facts, type Failure } from '../signals';
import type { Trace } from './lost-texts';
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
  /** How often it had been edited by then. */
  editsThen: number;
}

/** 'suspended': a checkout or a reload took its text away; it may be brought back. */
export type State = 'offered' | 'accepted' | 'rejected' | 'suspended' | 'over';

/** A change of the text that counts as the developer's until it is known why it came. */
interface Counted {
  version: number;
  source: EditSource;
  lastEditAt: number;
  /** What stood there before it. */
  before: Trace;
  after: string;
}

export class TrackedCompletion {
  state: State = 'offered';
  /** Where it stands now: its file may have been renamed, or its text moved to another one. */
  uri: string;
  /** Before acceptance: an empty open span at the cursor that takes in what is typed there. Afterwards: the accepted text. */
  readonly span: Span;
  /** The accepted text as it stood in the document. */
  accepted = '';
  /** The accepted text as changes that are no corrections (a formatter's, a rename, undo) have left it. */
  baseline = '';
  decidedAt = 0;
  /** Changes of the text that count, by their source. */
  edits: Record<EditSource, number> = { typed: 0, pasted: 0, program: 0 };
  lastEditAt = 0;
  failure: TestFailing | null = null;
  /** An error on it: the editor's, or a build's, by the command and its folder. */
  diagnostic: (Failure & { textThen: string; build?: string }) | null = null;
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
  resting: { startLine: number; endLine: number; lines: readonly string[]; closedAt: number } | null = null;
  /** The latest own changes by document version, until it is known why they came. */
  private recent: Counted[] = [];
  /** Texts that counted changes made: redo brings them back. */
  private written: string[] = [];

  constructor(
    readonly record: CompletionRecord,
    document: TrackedDocument,
  ) {
    this.uri = record.uri;
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
        this.baseline = text;
        this.current = text;
        this.edits = { typed: 0, pasted: 0, program: 0 };
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
        this.baseline = this.accepted;
        this.current = text;
        this.decidedAt = decidedAt;
        this.lastEditAt = decidedAt;
        this.edits.typed = accepted === current ? 0 : 1;
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

  /** How often it has been edited: by the developer, or by a program. */
  get editCount(): number {
    return this.edits.typed + this.edits.pasted + this.edits.program;
  }

  /** A change of the document changed the text; it counts until `disown` or `attribute` says otherwise. */
  count(version: number, source: EditSource, before: Trace, now: number): void {
    const { lastEditAt, current: after } = this;
    this.recent = [...this.recent.slice(-7), { version, source, lastEditAt, before, after }];
    this.written = [...this.written.slice(-15), after];
    this.edits[source]++;
    this.lastEditAt = now;
  }

  /** A change that is no correction: what the text is measured against changes with it, unless it was corrected before. */
  excuse(before: string, after: string): void {
    if (before === this.baseline && !this.written.includes(after)) {
      this.baseline = after;
    }
  }

  /** That version's change is no correction. @returns the text before and after; null where it had not touched it. */
  disown(version: number): { before: Trace; after: string } | null {
    const at = this.recent.findIndex((change) => change.version === version);
    if (at < 0) {
      return null;
    }
    const [change] = this.recent.splice(at, 1);
    const { source, lastEditAt, before, after } = change!;
    this.edits[source]--;
    this.written.splice(this.written.lastIndexOf(after), 1);
    if (at === this.recent.length) {
      this.lastEditAt = lastEditAt;
    }
    return { before, after };
  }

  /** Its text was gone and is back as it was, here or elsewhere: that it was cut does not count. */
  returned(text: string): void {
    const cut = this.recent.findLastIndex((change) => change.after === '');
    if (cut >= 0) {
      const [change] = this.recent.splice(cut, 1);
      this.edits[change!.source]--;
      this.excuse(change!.before.text, text);
    }
    this.current = text;
  }

  /** That version's change came from there. */
  attribute(version: number, source: EditSource): void {
    const change = this.recent.find((one) => one.version === version);
    if (change) {
      this.edits[change.source]--;
      this.edits[source]++;
      change.source = source;
    }
  }

  /** Its document is closed: remember where it stood. `lines` are the document's. */
  detach(document: TrackedDocument, lines: readonly string[], now: number): void {
    const { start, end } = document.rangeOf(this.span);
    this.resting = { startLine: start.line, endLine: end.line, lines, closedAt: now };
    document.untrack(this.span);
  }

  /**
   * Its document is open again, perhaps under another name: follow it where its text stands.
   * @returns false where it does not stand there
   */
  reattach(document: TrackedDocument): boolean {
    this.resting = null;
    const at = nearest(document.text, this.current, this.span.start);
    if (at === null) {
      return false;
    }
    Object.assign(this.span, makeSpan(at, at + this.current.length, lineBreaksIn(this.current)));
    this.uri = document.uri;
    document.track(this.span);
    return true;
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
      logProbs: this.record.responseLogProbs,
      baseline: this.baseline,
      languageId: this.record.languageId,
      current: this.current,
      edits: this.edits,
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
