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
  const letters = from + bare(whole).length;
  const lines = whole.split('\n').map((line) => bare(line).trimStart());
  return { lines, head: start - Math.min(first, lineEnd(text, start)), tail: letters - last, takesBreak };
}

/** The region widened to whole lines, without the break behind the last. */
export function wholeLines(text: string, { start, end }: Region): Region {
  return { start: start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1, end: lineEnd(text, end) };
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

/** Where the block stands within a region of whole lines: where its text would begin and end. In order. */
export function occurrences(text: string, region: Region, block: Block): Region[] {
  const found: Region[] = [];
  // Lines with their offsets, as far as they are looked at.
  let at = region.start;
  const starts: number[] = [];
  const lines: string[] = [];
  while (at <= region.end) {
    const end = Math.min(lineEnd(text, at), region.end);
    starts.push(at);
    lines.push(text.slice(at, end));
    at = end + 1;
  }
  for (let i = 0; i + block.lines.length <= lines.length; i++) {
    if (block.lines.every((line, k) => line === bare(lines[i + k]!).trimStart())) {
      found.push(place(text, starts, lines, i, block));
    }
  }
  return found;
}

function place(
  text: string,
  starts: readonly number[],
  lines: readonly string[],
  i: number,
  block: Block,
): Region {
  const k = i + block.lines.length - 1;
  const first = lines[i]!;
  const last = lines[k]!;
  const letter = starts[i]! + (first.length - first.trimStart().length);
  const start = Math.max(starts[i]!, letter + block.head);
  const end = Math.max(start, starts[k]! + Math.min(last.trimEnd().length, bare(last).length - block.tail));
  const stop = lineEnd(text, starts[k]!);
  return { start, end: block.takesBreak ? Math.min(text.length, stop + 1) : Math.min(end, stop) };
}

/** A line without the blanks and list marks behind it. */
function bare(line: string): string {
  let end = line.length;
  while (end > 0 && /[\s,;]/.test(line[end - 1]!)) end--;
  return line.slice(0, end);
}
