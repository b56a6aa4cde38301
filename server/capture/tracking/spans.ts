/**
 * Follows pieces of a document through its changes. Pure arithmetic on UTF-16 offsets; the document itself is kept by
 * tracked-document.ts.
 */
import { diffChars, diffWordsWithSpace } from 'diff';

/** Replacing `[start, end)` by `text`. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/**
 * A followed piece `[start, end)`. What is typed right at its start belongs to it, for there it was offered. An open end takes
 * in what is typed right there: it opens when the developer deletes the piece's own characters at it (then what comes is the
 * replacement), and closes at a line break more than it had.
 */
export interface Span {
  start: number;
  end: number;
  openEnd: boolean;
  /** Line breaks the open end may still take in. */
  lineBreaks: number;
}

/** Longer replacements are compared by words, and given up after this time in ms. */
const CHAR_DIFF_LIMIT = 4_000;
const DIFF_TIMEOUT_MS = 20;

export function makeSpan(start: number, end: number, lineBreaks: number, open = false): Span {
  return { start, end, openEnd: open, lineBreaks };
}

/**
 * Moves the span over an edit of `text`, the document before it.
 * @returns whether the span's own text changed.
 */
export function follow(span: Span, edit: Edit, text: string): boolean {
  if (edit.end < span.start || edit.start > span.end) {
    return shift(span, edit);
  }
  let changed = false;
  // Edits of a set are in offsets of the same document: later ones first, so that earlier offsets stay true.
  for (const part of minimal(edit, text, span).reverse()) {
    changed = apply(span, part, text) || changed;
  }
  return changed;
}

function shift(span: Span, edit: Edit): false {
  if (edit.end < span.start) {
    const delta = edit.text.length - (edit.end - edit.start);
    span.start += delta;
    span.end += delta;
  }
  return false;
}

/** One deletion, insertion or replacement that touches the span. */
function apply(span: Span, edit: Edit, text: string): boolean {
  const { start, end } = edit;
  const inserted = edit.text.length;
  const delta = inserted - (end - start);
  if (end < span.start || (end === span.start && end > start && inserted === 0)) {
    return shiftBy(span, delta);
  }
  if (start > span.end || (start === span.end && end > start && inserted === 0)) {
    return false;
  }
  if (start === end && start === span.end) {
    return insertAtEnd(span, edit, text);
  }
  if (start === end && start === span.start) {
    if (edit.text.includes('\n')) {
      return shiftBy(span, delta); // a line put above it
    }
    span.end += inserted;
    return inserted > 0;
  }
  if (start < span.start && end <= span.start) {
    // A replacement that ends where the span begins is not the span's.
    return shiftBy(span, delta);
  }
  if (start >= span.end) {
    return false;
  }
  // The edit takes characters of the span. What it puts there belongs to the span as far as it replaced the span's own.
  const lost = text.slice(Math.max(start, span.start), Math.min(end, span.end));
  span.openEnd ||= end >= span.end;
  if (start < span.start) {
    const outside = end > span.end;
    span.start = start + (outside ? 0 : inserted);
    span.end = outside ? start : span.end + delta;
    return true;
  }
  if (end > span.end) {
    span.end = start + cut(edit.text, lineBreaksIn(lost)).length;
    return true;
  }
  span.end += delta;
  return lost !== edit.text;
}

function shiftBy(span: Span, delta: number): false {
  span.start += delta;
  span.end += delta;
  return false;
}

function insertAtEnd(span: Span, edit: Edit, text: string): boolean {
  if (!span.openEnd) {
    // What is typed on behind it is new, but a name that is written longer is another name.
    const glued =
      /\w/.test(text[span.end - 1] ?? '') && span.end > span.start ? /^\w*/.exec(edit.text)![0].length : 0;
    span.end += glued;
    return glued > 0;
  }
  const taken = cut(edit.text, span.lineBreaks);
  span.lineBreaks -= lineBreaksIn(taken);
  span.openEnd = taken.length === edit.text.length;
  span.end += taken.length;
  return taken.length > 0;
}

/** The text up to the first line break more than allowed. */
function cut(text: string, lineBreaks: number): string {
  let at = -1;
  for (let i = 0; i <= lineBreaks; i++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) {
      return text;
    }
  }
  return text.slice(0, text[at - 1] === '\r' ? at - 1 : at);
}

export function lineBreaksIn(text: string): number {
  let n = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    n++;
  }
  return n;
}

/** What is known of an edit, for all spans of its document. */
interface Shared {
  core: Edit;
  parts?: Edit[];
}

const known = new WeakMap<Edit, Shared>();

/** The edit without what it leaves alone; one that crosses the span's border is split by a diff. */
function minimal(edit: Edit, text: string, span: Span): Edit[] {
  if (edit.start === edit.end || edit.text === '') {
    return [edit];
  }
  const shared = known.get(edit) ?? { core: coreOf(edit, text) };
  known.set(edit, shared);
  const { core } = shared;
  const inside = core.start >= span.start && core.end <= span.end;
  const apart = core.end <= span.start || core.start >= span.end;
  if (inside || apart) {
    return [core];
  }
  shared.parts ??= split(core, text);
  return [...shared.parts];
}

/** What the edit changes, without the text at its ends that is the same before and after. */
function coreOf(edit: Edit, text: string): Edit {
  const old = text.slice(edit.start, edit.end);
  let head = 0;
  while (head < old.length && head < edit.text.length && old[head] === edit.text[head]) {
    head++;
  }
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < edit.text.length - head &&
    old[old.length - 1 - tail] === edit.text[edit.text.length - 1 - tail]
  ) {
    tail++;
  }
  return {
    start: edit.start + head,
    end: edit.end - tail,
    text: edit.text.slice(head, edit.text.length - tail),
  };
}

/** A replacement as deletions and insertions that keep what both texts share, in ascending order. */
function split(edit: Edit, text: string): Edit[] {
  const old = text.slice(edit.start, edit.end);
  const small = old.length + edit.text.length <= CHAR_DIFF_LIMIT;
  const parts = small
    ? diffChars(old, edit.text)
    : diffWordsWithSpace(old, edit.text, { timeout: DIFF_TIMEOUT_MS });
  if (!parts) {
    return [edit];
  }
  const edits: Edit[] = [];
  let at = edit.start;
  for (const part of parts) {
    const last = edits[edits.length - 1];
    if (part.removed) {
      edits.push({ start: at, end: at + part.value.length, text: '' });
      at += part.value.length;
    } else if (part.added) {
      if (last && last.end === at && last.text === '') {
        last.text = part.value;
      } else {
        edits.push({ start: at, end: at, text: part.value });
      }
    } else {
      at += part.value.length;
    }
  }
  return edits;
}
