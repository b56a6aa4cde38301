/** A document as the editor reports it, with the spans followed in it. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from '../../protocol/types';
import { type Block, blockAt, type Region, RegionLines, wholeLines } from './blocks';
import { EarlierStates } from './earlier-states';
import { LostTexts, type Place, type Trace } from './lost-texts';
import { type Edit, follow, type Span } from './spans';

/** As in LSP: without a range the text is the whole document. Applied one after the other. */
export type ContentChange = { range?: Range; text: string };

/** Shorter texts stand in too many places to be recognised by themselves. */
const LEAST = 8;

/** What one message did to a document. */
export interface Changed {
  /** Spans whose own text changed, with the text before. Those that are `found` have none. */
  spans: ReadonlyMap<Span, Trace>;
  /** Spans whose text had been gone and is followed here again. */
  found: readonly Span[];
  /** Spans whose text stands in another document now, and is followed there. */
  gone: ReadonlyMap<Span, Place>;
}

/** How far a secret may begin above a prompt's window, or end below it, in characters: a private key is the longest. */
const ABOVE = 20_000;
const BELOW = 4_000;

export class TrackedDocument implements Place {
  private document: TextDocument;
  private readonly spans = new Set<Span>();
  private readonly earlier = new EarlierStates();
  /** Changes to the text so far. */
  edits = 0;
  /** `edits` when the document was last known to be on disk. */
  savedEdits = 0;

  constructor(
    readonly uri: string,
    languageId: string,
    version: number,
    text: string,
    /** Shared with the other documents: a text may go from one to another. */
    private readonly lost = new LostTexts(),
  ) {
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

  traceOf(span: Span): Trace {
    return { text: this.textOf(span), block: blockAt(this.text, span.start, span.end) };
  }

  /** What stands above and below the code that a prompt showed; nothing where the document has changed since. */
  around(prompt: { prefix: string; suffix: string; line: number; character: number }): {
    before: string;
    after: string;
  } {
    const cursor = this.offsetAt(prompt.line, prompt.character);
    const start = cursor - prompt.prefix.length;
    const end = cursor + prompt.suffix.length;
    return {
      before: this.text.startsWith(prompt.prefix, start)
        ? this.text.slice(Math.max(0, start - ABOVE), start)
        : '',
      after: this.text.startsWith(prompt.suffix, cursor) ? this.text.slice(end, end + BELOW) : '',
    };
  }

  track(span: Span): void {
    this.spans.add(span);
  }

  untrack(span: Span): void {
    this.spans.delete(span);
    if (this.spans.size === 0) {
      this.earlier.clear();
    }
  }

  /**
   * Applies the changes of one message and moves every span: also those whose lines were put in another order.
   * @param now in ms since the epoch
   */
  change(changes: readonly ContentChange[], version: number, now: number): Changed {
    const before = new Map([...this.spans].map((span) => [span, { ...span }]));
    const old = this.text;
    const replaced: RegionLines[] = [];
    const put: Region[] = [];
    let touched = false;
    // No line comes to stand elsewhere where one line alone is changed.
    let severalLines = changes.length > 1;
    for (const change of changes) {
      const text = this.text;
      const edit = this.toEdit(change, text.length);
      replaced.push(new RegionLines(text, wholeLines(text, edit)));
      severalLines ||= edit.text.includes('\n') || text.slice(edit.start, edit.end).includes('\n');
      for (const span of this.spans) {
        touched ||= edit.end >= span.start && edit.start <= span.end;
        follow(span, edit, text);
      }
      for (const earlier of put) {
        moveBy(earlier, edit);
      }
      TextDocument.update(this.document, [change as { range: Range; text: string }], version);
      put.push({ start: edit.start, end: edit.start + edit.text.length });
    }
    this.edits++;
    const restored = this.earlier.restore(this.text, this.spans);
    const regions = put.map((region) => wholeLines(this.text, this.within(region)));
    const lines = regions.map((region) => new RegionLines(this.text, region));
    const spans = new Map<Span, Trace>();
    const gone = new Map<Span, Place>();
    for (const [span, { start, end }] of before) {
      const text = old.slice(start, end);
      if (this.textOf(span) === text && !(severalLines && isIn(regions, span))) {
        continue;
      }
      const trace = { text, block: blockAt(old, start, end) };
      if (severalLines && !restored.has(span)) {
        this.followMove(span, trace, lines, replaced);
      }
      if (this.textOf(span) === trace.text) {
        continue;
      }
      spans.set(span, trace);
      if (span.start === span.end && trace.text.trim() !== '') {
        const other = this.lost.lose(span, trace, this, now);
        if (other) {
          gone.set(span, other);
        }
      }
    }
    const inserted = changes.map((change) => change.text);
    const undone = [...restored].filter((span) => span.end > span.start && this.lost.forget(span));
    const found = [...undone, ...this.lost.find(this, put.map(this.within), inserted, restored, now)];
    // Lines that are put back may join others, and what stood in those is looked for elsewhere.
    if (touched || severalLines || found.length > 0) {
      this.earlier.remember(old, before);
    }
    for (const span of found) {
      spans.delete(span);
    }
    return { spans, found, gone };
  }

  /** Where a text that is gone stands in one of these regions, or in the lines they are in; null where it does not. */
  find({ text, block }: Trace, regions: readonly Region[]): Region | null {
    for (const region of regions) {
      const [lines] = block ? new RegionLines(this.text, wholeLines(this.text, region)).find(block) : [];
      const found = lines ?? this.findText(text, region);
      if (found) {
        return found;
      }
    }
    return null;
  }

  /** A part of a line, or lines among others: by the text itself, the indentation of later lines aside. */
  private findText(text: string, region: Region): Region | null {
    const trimmed = text.trim();
    if (trimmed.length < LEAST) {
      return null;
    }
    const inside = this.text.slice(region.start, region.end);
    const exact = inside.indexOf(trimmed);
    if (exact >= 0 && !isPartOfWord(inside, exact, exact + trimmed.length)) {
      return { start: region.start + exact, end: region.start + exact + trimmed.length };
    }
    const lines = trimmed.split(/\r?\n/).map((line) => line.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    if (lines.length < 2) {
      return null;
    }
    const match = new RegExp(anyIndentation(lines)).exec(inside);
    return match
      ? { start: region.start + match.index, end: region.start + match.index + match[0].length }
      : null;
  }

  /**
   * Lines that stand elsewhere now as they stood before were moved, not edited: by a sort, organised imports, a line dragged
   * up. Where fewer of them stand there than before, this one was edited.
   */
  private followMove(
    span: Span,
    { block }: Trace,
    lines: readonly RegionLines[],
    replaced: readonly RegionLines[],
  ): void {
    const now = block && blockAt(this.text, span.start, span.end);
    // It stands in its own line still, not in one that is alike in part.
    if (!block || (now && now.lines.join('\n') === block.lines.join('\n') && sameEnds(now, block))) {
      return;
    }
    const found = lines.flatMap((region) => region.find(block));
    const had = replaced.reduce((n, region) => n + region.find(block).length, 0);
    if (found.length === 0 || found.length < had) {
      return;
    }
    const from = span.start;
    const place = found.reduce((a, b) => (Math.abs(a.start - from) <= Math.abs(b.start - from) ? a : b));
    Object.assign(span, { start: place.start, end: place.end, openEnd: false });
  }

  private readonly within = ({ start, end }: Region): Region => {
    const { length } = this.text;
    return { start: Math.min(start, length), end: Math.min(Math.max(start, end), length) };
  };

  private toEdit(change: ContentChange, length: number): Edit {
    return change.range
      ? {
          start: this.document.offsetAt(change.range.start),
          end: this.document.offsetAt(change.range.end),
          text: change.text,
        }
      : { start: 0, end: length, text: change.text };
  }
}

/** Where an earlier change of the same message stands after a later one. */
function moveBy(place: Region, edit: Edit): void {
  const delta = edit.text.length - (edit.end - edit.start);
  if (edit.end <= place.start) {
    place.start += delta;
    place.end += delta;
  } else if (edit.start < place.end) {
    place.end = Math.max(place.start, place.end + delta);
  }
}

function isIn(regions: readonly Region[], span: Span): boolean {
  return regions.some(({ start, end }) => span.start <= end && span.end >= start);
}

function sameEnds(a: Block, b: Block): boolean {
  return a.head === b.head && a.tail === b.tail && a.takesBreak === b.takesBreak;
}

function isPartOfWord(text: string, start: number, end: number): boolean {
  return /^\w\w$/.test(text.slice(start - 1, start + 1)) || /^\w\w$/.test(text.slice(end - 1, end + 1));
}

/** Lines (escaped already) with any blanks at their ends; an empty line's are those at its end alone, so that a search stays linear. */
function anyIndentation(lines: readonly string[]): string {
  const [blanks, end] = ['[ \\t]*', '[ \\t]*\\r?\\n'];
  return lines.map((line, i) => (i > 0 && line !== '' ? blanks + line : line)).join(end);
}
