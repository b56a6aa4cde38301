import { indentationOf } from '../indentation';
import { linesAbove, linesBelow, restOfLine, sameLine, saysSomething, wholeLines } from './lines';
import type { Filter, FilterContext } from './types';

/**
 * Whether a text, with the line it completes, is what the lines below it say already. As far in or not: but a line that
 * is further in, in a block that the one below is not in, is another line.
 */
export function repeatsBelow(text: string, { prefix, suffix }: FilterContext): boolean {
  if (restOfLine(suffix).trim() !== '' || text.trim() === '') return false;
  const lines = wholeLines(prefix, text);
  const below = linesBelow(suffix);
  if (lines.length > below.length || !lines.every((line, i) => sameLine(line, below[i]!))) return false;
  const sameDepth = lines.every((line, i) => indentationOf(line) === indentationOf(below[i]!));
  return sameDepth || (lines.some(saysSomething) && !isInBlockOfItsOwn(prefix, lines[0]!, below[0]!));
}

/** The line above opens a block that the line below is behind. */
function isInBlockOfItsOwn(prefix: string, line: string, below: string): boolean {
  const opener = linesAbove(prefix).at(-1);
  if (opener === undefined || indentationOf(line) <= indentationOf(below)) return false;
  return indentationOf(opener) >= indentationOf(below) && indentationOf(line) > indentationOf(opener);
}

/** Nobody opens a line above another to say the same. */
export const dropRepeatOfBelow: Filter = (text, context) => (repeatsBelow(text, context) ? null : text);
