import { linesAbove, restOfLine, saysSomething, wholeLines } from './lines';
import type { Filter, FilterContext } from './types';

/** Lines above of which a text of several lines may be the beginning again. */
const MOST_LINES = 8;

/**
 * Whether a text, with the line it completes, says again what the lines right above it say: all of them, the first ones
 * of them, or them and then more.
 */
export function repeatsAbove(text: string, { prefix, suffix }: FilterContext): boolean {
  if (restOfLine(suffix).trim() !== '' || text.trim() === '') return false;
  const lines = wholeLines(prefix, text).map((line) => line.trim());
  const above = linesAbove(prefix).map((line) => line.trim());
  for (let back = 1; back <= Math.min(above.length, MOST_LINES); back++) {
    const block = above.slice(-back);
    const again = block.slice(0, lines.length);
    if (back > lines.length && lines.length < 2) continue;
    if (again.some(saysSomething) && again.every((line, i) => line === lines[i])) return true;
  }
  return false;
}

/** Small models go round in circles: what comes a second time, comes a third time. */
export const dropRepeatOfAbove: Filter = (text, context) => (repeatsAbove(text, context) ? null : text);
