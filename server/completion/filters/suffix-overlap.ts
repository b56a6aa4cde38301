import { indentationOf } from '../indentation';
import { linesBelow, restOfLine, saysSomething } from './lines';
import type { Filter } from './types';

/**
 * What already stands behind the cursor is not offered again: the rest of the line, or as much of it as the text ends
 * with, and the next lines where the text's last lines say the same. (Brackets and quotes are `closers.ts`.)
 */
export const trimSuffixOverlap: Filter = (text, { suffix }) => {
  const rest = restOfLine(suffix).trimEnd();
  const left = rest === '' || text.includes('\n') ? text : withoutRest(text, rest);
  return withoutLines(left, linesBelow(suffix));
};

const WORD = /^[\p{L}\p{N}_$]+/u;
/** A rest of so many characters that comes in the middle of a text is that rest, and the text goes on beyond it. */
const LONG_REST = 6;

function withoutRest(text: string, rest: string): string {
  for (let length = Math.min(text.length, rest.length); length > 0; length--) {
    const overlap = rest.slice(0, length);
    if (text.endsWith(overlap) && isRepeated(overlap, rest)) return text.slice(0, text.length - length);
  }
  const beyond = rest.length >= LONG_REST && WORD.test(rest) ? text.indexOf(rest) : -1;
  return beyond < 0 ? text : text.slice(0, beyond);
}

/** The rest of a word, whole words, or a sign that ends a statement; a bracket alone may be the text's own. */
function isRepeated(overlap: string, rest: string): boolean {
  if (WORD.test(rest)) return true;
  return /[\p{L}\p{N}]/u.test(overlap) ? overlap.length > 2 : /^\s*[;,:.=+*/<>|&!?-]+$/.test(overlap);
}

/** Cut before the last lines that equal the next ones, and before a line that is the next one with more beyond. */
function withoutLines(text: string, below: readonly string[]): string {
  const lines = text.split('\n');
  for (let from = 1; from < lines.length; from++) {
    const tail = lines.slice(from).map((line) => line.trimEnd());
    const count = tail.findIndex(
      (line, i) => line === '' || below[i] === undefined || !isSame(line, below[i]!),
    );
    const whole = count < 0;
    if (whole || (count > 0 && tail.slice(0, count).some(isOnlyOnce))) return lines.slice(0, from).join('\n');
  }
  return text;
}

/** Closing brackets are the same only as far in; other lines also with another indentation or end of statement. */
function isSame(line: string, below: string): boolean {
  if (indentationOf(line) === indentationOf(below) && bare(line) === bare(below)) return true;
  return saysSomething(line) && bare(line) === bare(below);
}

const bare = (line: string): string => line.trim().replace(/(?<![;,])[;,]+$/, '');

const isOnlyOnce = (line: string): boolean => saysSomething(line) && line.trim().length >= 12;
