/**
 * The developer's recent edits, put together from the changes of the open documents: what is typed in one region is one edit.
 * Changes that a program made (agents, formatters, checkouts, reloads) are none.
 */
import type { RecentEdit } from './types';

/** One version of a document became the next. Texts with LF. */
export interface DocumentChange {
  uri: string;
  path: string;
  version: number;
  before: string;
  after: string;
}

interface Edit extends DocumentChange {
  at: number;
  /** Lines of `after` that the edit changed, counted from 0. */
  from: number;
  to: number;
}

/** Changes within so many lines of each other are one edit. */
const NEAR_LINES = 3;
/** Why a change came is told before it or shortly after it, within so many ms. */
const SETTLE_MS = 700;
const MOST_EDITS = 6;
/** An edit that lies back further says little about what comes next. */
const MOST_AGE_MS = 20 * 60_000;
/** Documents above this are not compared, in characters. */
const LARGEST = 400_000;

export class EditJournal {
  private readonly edits: Edit[] = [];
  /** Changes of which it may still be told that a program made them. */
  private pending: Edit[] = [];
  /** Versions that a program made and that have not come yet. */
  private readonly announced = new Set<string>();

  constructor(private readonly now: () => number = Date.now) {}

  changed(change: DocumentChange): void {
    const { uri, version, before, after } = change;
    if (this.announced.delete(`${uri} ${version}`)) {
      this.byProgram(uri);
      return;
    }
    if (before.length > LARGEST || after.length > LARGEST || before === after) return;
    this.pending.push({ ...change, at: this.now(), ...changedLines(before, after) });
    this.settle();
  }

  /** A program made this version of the document, or will have made it. */
  madeByProgram(uri: string, version: number): void {
    const known = this.pending.some((one) => one.uri === uri && one.version === version);
    this.pending = this.pending.filter((one) => !(one.uri === uri && one.version === version));
    if (known) this.byProgram(uri);
    else this.announced.add(`${uri} ${version}`);
    if (this.announced.size > 50) this.announced.clear();
  }

  closed(uri: string): void {
    this.settle(Number.POSITIVE_INFINITY);
    this.byProgram(uri);
  }

  /**
   * The latest edits, the latest last. The one that the developer is in the middle of, around `line` (from 0) of a document,
   * is left out: the code at the cursor shows it.
   */
  recent(at?: { uri: string; line: number }): (RecentEdit & { uri: string })[] {
    this.settle(Number.POSITIVE_INFINITY);
    const since = this.now() - MOST_AGE_MS;
    const open = (one: Edit) =>
      one.uri === at?.uri && at.line >= one.from - NEAR_LINES && at.line <= one.to + NEAR_LINES;
    return this.edits
      .filter((one) => one.at >= since && one.before !== one.after && !open(one))
      .map(({ uri, path, before, after }) => ({ uri, path, before, after }));
  }

  /** What a program changed lies between two edits: the later one begins anew. */
  private byProgram(uri: string): void {
    for (const one of this.edits) if (one.uri === uri) one.version = Number.NEGATIVE_INFINITY;
  }

  private settle(before = this.now() - SETTLE_MS): void {
    const ripe = this.pending.filter(({ at }) => at < before);
    this.pending = this.pending.filter(({ at }) => at >= before);
    for (const one of ripe) this.add(one);
  }

  private add(change: Edit): void {
    const last = this.edits.at(-1);
    const near = last && change.from <= last.to + NEAR_LINES && change.to >= last.from - NEAR_LINES;
    if (last && near && last.uri === change.uri && last.version + 1 === change.version) {
      Object.assign(last, { ...change, before: last.before, ...changedLines(last.before, change.after) });
      return;
    }
    // A later edit of the document is told apart by what stands before it.
    this.edits.push(change);
    if (this.edits.length > MOST_EDITS) this.edits.shift();
  }
}

/** First and last line of `after` that differ from `before`. */
function changedLines(before: string, after: string): { from: number; to: number } {
  const least = Math.min(before.length, after.length);
  let head = 0;
  while (head < least && before.charCodeAt(head) === after.charCodeAt(head)) head++;
  let tail = 0;
  while (
    tail < least - head &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  )
    tail++;
  const lines = (end: number) => {
    let count = 0;
    for (let at = after.indexOf('\n'); at >= 0 && at < end; at = after.indexOf('\n', at + 1)) count++;
    return count;
  };
  return { from: lines(head), to: lines(Math.max(head, after.length - tail)) };
}
