/**
 * Whole lines around a followed text, by which it is found again where lines were put in another order, cut and pasted, or
 * brought back: short texts stand in too many places to be recognised by themselves. Indentation does not count, nor a comma
 * behind a line: what is sorted may become the last.
 */

export interface Block {
  /** The lines that the text stands in, without the blanks around each and the marks behind it. */
  lines: string[];
  /** Characters from the first line's first letter to the text's start; negative within the indentation. */
  head: number;
  /** Characters from the text's end to the last line's last letter; negative in the marks and blanks behind it. */
  tail: number;
  /** The text ends with the line break behind its last line. */
  takesBreak: boolean;
}

/** Lines alike that are distinguished, at most: of more it is not known which is which. */
const MOST_ALIKE = 200;

/** A piece of a document in whole lines. */
export interface Region {
  start: number;
  end: number;
}

/** The lines that `[start, end)` stands in; null where there is nothing to recognise it by. */
export function blockAt(text: string, start: number, end: number): Block | null {
  const takesBreak = end > start && text[end - 1] === '\n';
  const last = takesBreak ? end - (text[end - 2] === '\r' ? 2 : 1) : end;
  if (last < start || text.slice(start, last).trim() === '') {
    return null;
  }
  const { start: from, end: to } = wholeLines(text, { start, end: last });
  const whole = text.slice(from, to);
  const first = from + (/\S/.exec(whole)?.index ?? 0);
  const lettersEnd = from + bare(whole).length;
  const lines = whole.split('\n').map((line) => letters(line)!);
  return { lines, head: start - Math.min(first, lineEnd(text, start)), tail: lettersEnd - last, takesBreak };
}

/** The region widened to whole lines, without the break behind the last. */
export function wholeLines(text: string, { start, end }: Region): Region {
  return { start: start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1, end: lineEnd(text, end) };
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** The lines of a region, in which blocks are looked for: taken apart once, however many are. */
export class RegionLines {
  private starts: number[] = [];
  private lines: string[] = [];
  private byLine: Map<string, number[]> | null = null;

  /** @param region whole lines of the text */
  constructor(
    private readonly text: string,
    private readonly region: Region,
  ) {}

  /** Where the block stands: where its text would begin and end. In order. */
  find(block: Block): Region[] {
    const first = block.lines.findIndex((line) => line !== '');
    return (this.index().get(block.lines[first]!) ?? [])
      .map((i) => i - first)
      .filter((i) => block.lines.every((line, k) => line === letters(this.lines[i + k] ?? null)))
      .map((i) => this.place(i, block));
  }

  private index(): Map<string, number[]> {
    if (this.byLine) {
      return this.byLine;
    }
    this.byLine = new Map();
    const { text, region } = this;
    for (let at = region.start; at <= region.end; ) {
      const end = Math.min(lineEnd(text, at), region.end);
      const line = text.slice(at, end);
      const key = letters(line)!;
      const alike = this.byLine.get(key);
      if (!alike && key !== '') {
        this.byLine.set(key, [this.lines.length]);
      } else if (alike && alike.length < MOST_ALIKE) {
        alike.push(this.lines.length);
      }
      this.starts.push(at);
      this.lines.push(line);
      at = end + 1;
    }
    return this.byLine;
  }

  private place(i: number, block: Block): Region {
    const { starts, lines, text } = this;
    const k = i + block.lines.length - 1;
    const first = lines[i]!;
    const last = lines[k]!;
    const letter = starts[i]! + (first.length - first.trimStart().length);
    const start = Math.max(starts[i]!, letter + block.head);
    const end = Math.max(start, starts[k]! + Math.min(last.trimEnd().length, bare(last).length - block.tail));
    const stop = lineEnd(text, starts[k]!);
    return { start, end: block.takesBreak ? Math.min(text.length, stop + 1) : Math.min(end, stop) };
  }
}

/** What of a line makes it that line; null where there is none. */
function letters(line: string | null): string | null {
  return line === null ? null : bare(line).trimStart();
}

/** A line without the blanks and list marks behind it. */
function bare(line: string): string {
  let end = line.length;
  while (end > 0 && /[\s,;]/.test(line[end - 1]!)) end--;
  return line.slice(0, end);
}
