/** The lines of a function that may change: its body. Knows the text only, so that it can be tested alone. */
import type { FixRange } from '../../server/protocol/fixing';

const isBlank = (line: string) => line.trim() === '';

/**
 * The body of a function: without its header, a docstring, and the line that closes it.
 * @param lines of the document
 * @param first the function's lines, from 1, both included
 * @returns the whole function where it has no lines of its own inside
 */
export function bodyOf(lines: readonly string[], { first, last }: FixRange): FixRange {
  const whole = { first, last };
  let header = first;
  // A header ends with the line that opens the block; parameters may take several.
  while (header < last && !/(?:[{:]|=>|\bdo|\bthen|\))\s*(?:\/\/.*|#.*)?$/.test(line(lines, header)))
    header++;
  while (header < last && /\)\s*$/.test(line(lines, header)) && /^\s*\{\s*$/.test(line(lines, header + 1)))
    header++;
  let from = header + 1;
  let to = last;
  while (to > from && isBlank(line(lines, to))) to--;
  if (/^\s*(?:[})\]][})\];,]*|end)\s*$/.test(line(lines, to))) to--;
  from = behindDocstring(lines, from, to);
  while (from < to && isBlank(line(lines, from))) from++;
  return from > to ? whole : { first: from, last: to };
}

const line = (lines: readonly string[], number: number): string => lines[number - 1] ?? '';

function behindDocstring(lines: readonly string[], from: number, to: number): number {
  const quote = /^\s*[rRuU]?("""|''')/.exec(line(lines, from))?.[1];
  if (!quote) return from;
  const rest = line(lines, from).slice(line(lines, from).indexOf(quote) + 3);
  let end = from;
  if (!rest.includes(quote))
    do end++;
    while (end < to && !line(lines, end).includes(quote));
  return end < to ? end + 1 : from;
}

/** Names that are called in a line, the last first: what a test asserts on is called within the assertion. */
export function calledIn(text: string): number[] {
  return [...text.slice(0, 500).matchAll(/(?<![\p{L}\p{N}_$])[\p{L}_$][\p{L}\p{N}_$]*(?=\s{0,4}\()/gu)]
    .map(({ index }) => index)
    .reverse();
}
