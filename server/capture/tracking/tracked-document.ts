/** A document as the editor reports it, with the spans followed in it. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from '../../protocol/types';
import { type Edit, follow, type Span } from './spans';

/** As in LSP: without a range the text is the whole document. Applied one after the other. */
export type ContentChange = { range?: Range; text: string };

/** A cut text may be pasted again for this long, in ms. */
const PASTE_MS = 120_000;
/** Shorter texts stand in too many places to be recognised. */
const PASTE_MIN = 8;

export class TrackedDocument {
  private document: TextDocument;
  private readonly spans = new Set<Span>();
  private readonly lost = new Map<Span, { text: string; at: number }>();
  /** Changes to the text so far. */
  edits = 0;
  /** `edits` when the document was last known to be on disk. */
  savedEdits = 0;

  constructor(uri: string, languageId: string, version: number, text: string) {
    this.document = TextDocument.create(uri, languageId, version, text);
  }

  get text(): string {
    return this.document.getText();
  }

  get version(): number {
    return this.document.version;
  }

  get languageId(): string {
    return this.document.languageId;
  }

  offsetAt(line: number, character: number): number {
    return this.document.offsetAt({ line, character });
  }

  rangeOf(span: Span): Range {
    return { start: this.document.positionAt(span.start), end: this.document.positionAt(span.end) };
  }

  textOf(span: Span): string {
    return this.text.slice(span.start, span.end);
  }

  track(span: Span): void {
    this.spans.add(span);
  }

  untrack(span: Span): void {
    this.spans.delete(span);
    this.lost.delete(span);
  }

  /** Applies the changes and moves every span. Returns the spans whose own text changed. */
  change(changes: readonly ContentChange[], version: number, now: number): Set<Span> {
    const before = new Map<Span, string>();
    for (const span of this.spans) {
      before.set(span, this.textOf(span));
    }
    const inserted: Edit[] = [];
    for (const change of changes) {
      const text = this.text;
      const edit = this.toEdit(change, text.length);
      for (const span of this.spans) {
        follow(span, edit, text);
      }
      for (const earlier of inserted) {
        moveBy(earlier, edit);
      }
      if (edit.text.length >= PASTE_MIN) {
        inserted.push({ start: edit.start, end: edit.start + edit.text.length, text: edit.text });
      }
      TextDocument.update(this.document, [change as { range: Range; text: string }], version);
    }
    this.edits++;
    this.findMoved(before, inserted, now);
    const changed = new Set<Span>();
    for (const [span, text] of before) {
      if (this.textOf(span) !== text) {
        changed.add(span);
      }
    }
    return changed;
  }

  private toEdit(change: ContentChange, length: number): Edit {
    return change.range
      ? {
          start: this.document.offsetAt(change.range.start),
          end: this.document.offsetAt(change.range.end),
          text: change.text,
        }
      : { start: 0, end: length, text: change.text };
  }

  /** A span that was cut whole and came back elsewhere goes there. */
  private findMoved(before: Map<Span, string>, inserted: Edit[], now: number): void {
    for (const [span, text] of before) {
      if (span.start === span.end && text.trim().length >= PASTE_MIN) {
        this.lost.set(span, { text, at: now });
      }
    }
    for (const [span, { text, at }] of this.lost) {
      if (span.end > span.start || now - at > PASTE_MS) {
        this.lost.delete(span);
        continue;
      }
      const place = inserted.map((edit) => find(edit, text)).find((found) => found !== null);
      if (place) {
        span.start = place.start;
        span.end = place.end;
        span.openEnd = false;
        this.lost.delete(span);
      }
    }
  }
}

function moveBy(place: Edit, edit: Edit): void {
  if (edit.end <= place.start) {
    const delta = edit.text.length - (edit.end - edit.start);
    place.start += delta;
    place.end += delta;
  }
}

/** Where `text` stands in an inserted text, indentation of later lines aside. */
function find(edit: Edit, text: string): { start: number; end: number } | null {
  const trimmed = text.trim();
  const exact = edit.text.indexOf(trimmed);
  if (exact >= 0) {
    return { start: edit.start + exact, end: edit.start + exact + trimmed.length };
  }
  const lines = trimmed.split(/\r?\n/).map((line) => line.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (lines.length < 2) {
    return null;
  }
  const match = new RegExp(lines.join('[ \\t]*\\r?\\n[ \\t]*')).exec(edit.text);
  return match ? { start: edit.start + match.index, end: edit.start + match.index + match[0].length } : null;
}
