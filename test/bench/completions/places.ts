/** Fixed places in real files, as a developer would stand there: what is still to be typed is not in the file yet. */

export type PlaceKind = 'line' | 'word' | 'block';

export interface SourceFile {
  path: string;
  languageId: string;
  text: string;
}

export interface FilePlace {
  kind: PlaceKind;
  file: SourceFile;
  /** The document as it stands: everything but what `right` would add at `offset`. */
  text: string;
  offset: number;
  /** What the file's author wrote there. */
  right: string;
}

const OPENER = /[{:([]\s*$/;
const COMMENT = /^\s*(\/\/|\/?\*|#|import |from |export \*|["'])/;

const indentation = (line: string) => line.length - line.trimStart().length;

/** Lines that are worth a completion: code of some length with enough above it. */
function candidates(lines: string[]): number[] {
  return lines.flatMap((line, k) =>
    k >= 10 && line.trim().length >= 14 && line.length <= 100 && !COMMENT.test(line) ? [k] : [],
  );
}

/**
 * `count` places of a file, the kinds in turn: rest of a line from a word's start, from inside a word, and the block
 * that a line opens. The same file gives the same places.
 */
export function placesOf(file: SourceFile, count: number): FilePlace[] {
  const lines = file.text.split('\n');
  const open = candidates(lines);
  const kinds: PlaceKind[] = ['line', 'word', 'block'];
  const made: FilePlace[] = [];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length]!;
    const from = Math.floor(((i + 0.5) / count) * open.length);
    for (let j = from; j < open.length; j++) {
      const place =
        kind === 'block' ? blockPlace(file, lines, open[j]!) : linePlace(file, lines, open[j]!, kind);
      if (place) {
        made.push(place);
        break;
      }
    }
  }
  return made;
}

function linePlace(file: SourceFile, lines: string[], k: number, kind: 'line' | 'word'): FilePlace | null {
  const line = lines[k]!;
  const isWord = (i: number) => /\w/.test(line[i] ?? '');
  const cursors: number[] = [];
  for (let i = indentation(line) + 3; i < line.length - 2; i++) {
    if (kind === 'word' ? isWord(i - 1) && isWord(i) && isWord(i - 2) : !isWord(i - 1) && isWord(i))
      cursors.push(i);
  }
  const cursor = cursors[Math.floor(cursors.length / 2)];
  if (cursor === undefined) return null;
  return cut(file, lines, kind, { line: k, column: cursor, end: k + 1 });
}

/** Behind a line that opens a block: the block's lines are not written yet, the editor has put the indentation. */
function blockPlace(file: SourceFile, lines: string[], k: number): FilePlace | null {
  const opener = lines[k]!;
  const own = indentation(opener);
  const inner = indentation(lines[k + 1] ?? '');
  if (!OPENER.test(opener) || inner <= own || !lines[k + 1]?.trim()) return null;
  let end = k + 1;
  while (end < lines.length && lines[end]!.trim() !== '' && indentation(lines[end]!) >= inner) end++;
  if (end - k > 8) return null;
  return cut(file, lines, 'block', { line: k + 1, column: inner, end });
}

function cut(
  file: SourceFile,
  lines: string[],
  kind: PlaceKind,
  { line, column, end }: { line: number; column: number; end: number },
): FilePlace {
  const above = [...lines.slice(0, line), lines[line]!.slice(0, column)].join('\n');
  const below = lines.slice(end);
  return {
    kind,
    file,
    text: [above, ...below].join('\n'),
    offset: above.length,
    right: lines.slice(line, end).join('\n').slice(column),
  };
}

export type Fault = 'limit' | 'repeats' | 'indentation' | 'nothing' | 'long line';

/**
 * What can be seen to be wrong with a completion without knowing the right one: it went on to the token limit, says a
 * line or a piece again, leaves its block, has an endless line, or is not there.
 */
export function faultsOf(place: FilePlace, text: string | null, atLimit: boolean): Fault[] {
  if (text === null) return ['nothing'];
  const faults: Fault[] = [];
  if (atLimit) faults.push('limit');
  const lines = text.split('\n');
  const known = lines.map((line) => line.trim()).filter((line) => line.length > 3);
  if (new Set(known).size < known.length || /(.{3,40})\1{2,}/.test(text.replace(/\s+/g, ' ')))
    faults.push('repeats');
  const current = place.text.slice(place.text.lastIndexOf('\n', place.offset - 1) + 1, place.offset);
  const least = indentation(current);
  if (lines.slice(1).some((line) => line.trim() !== '' && indentation(line) < least))
    faults.push('indentation');
  if (lines.some((line) => line.length > 140)) faults.push('long line');
  return faults;
}
