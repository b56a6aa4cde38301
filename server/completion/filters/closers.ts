import { closerOf, openerOf } from '../../syntax/brackets';
import { lexisOf } from '../../syntax/lexis';
import { isQuote, type Mark, scan } from '../../syntax/scan';
import { restOfLine } from './lines';
import type { Filter } from './types';

/**
 * Closing brackets and quotes that stand behind the cursor, mostly since the editor put them there when their openers
 * were typed, are not offered again. The text is cut where it closes what they close: then whatever it says beyond is
 * beyond the end of what was being written.
 */
export const trimClosers: Filter = (text, { prefix, suffix, path = '', languageId = '' }) => {
  const lexis = lexisOf(path, languageId, prefix);
  const known = scan(prefix, lexis);
  const behind = closersBehind(suffix);
  if (known.inComment || behind.length === 0) return text;
  const needed = closedBy(known.open, behind).length;
  // What is closed behind the cursor and opened above the window is opened here: the text must not close it either.
  const unknown = needed === known.open.length ? bracketsOnly(behind.slice(needed)) : [];
  const before =
    unknown
      .map((closer) => openerOf(closer)!)
      .reverse()
      .join('') + prefix;
  const start = before.length;
  const openers = closedBy(scan(before, lexis).open, behind).length;
  if (openers === 0) return text;
  const scanned = scan(before + text, lexis);
  const ends = scanned.marks.filter(({ kind, at }) => kind === 'close' && at >= start);
  const rest = restOfLine(suffix).trim();
  const whole = ends.find(
    ({ at, opener }) => opener < start && before.length + text.length - at === rest.length,
  );
  if (whole && rest.length > 1 && text.endsWith(rest))
    return cutBefore(text.slice(0, whole.at - start), suffix);
  if (ends.every(({ opener }) => opener >= start)) return text;
  if (closedBy(scanned.open, behind).length >= openers) return text;
  for (const { at } of ends.reverse()) {
    const part = text.slice(0, at - start);
    if (closedBy(scan(before + part, lexis).open, behind).length >= openers) return cutBefore(part, suffix);
  }
  return text;
};

/** The closers that follow the cursor, up to the first thing that is none. */
function closersBehind(suffix: string): string[] {
  const closers: string[] = [];
  for (const character of suffix) {
    if (/[)\]}"'`]/.test(character)) closers.push(character);
    else if (!/[\s;,]/.test(character)) break;
  }
  return closers;
}

/** The places of what the closers close of what is open, the innermost first, as far as they fit. */
function closedBy(open: readonly Mark[], closers: readonly string[]): number[] {
  const stack = [...open];
  const places: number[] = [];
  let quoted = 0;
  for (const closer of closers) {
    const top = stack.at(-1);
    if (top === undefined) break;
    if (isQuote(top.text)) {
      // `"""` takes three of them.
      if (closer !== top.text[0]) break;
      quoted++;
      if (quoted === top.text.length) {
        stack.pop();
        quoted = 0;
      }
    } else if (closerOf(top.text.at(-1)!) === closer) stack.pop();
    else break;
    places.push(top.at);
  }
  return places;
}

function bracketsOnly(closers: readonly string[]): string[] {
  const end = closers.findIndex((closer) => openerOf(closer) === undefined);
  return closers.slice(0, end < 0 ? closers.length : end);
}

/** Before a bracket on the cursor's line a line break stays: the bracket then stands where the text's own would have. */
function cutBefore(part: string, suffix: string): string {
  return /^[ \t]*\S/.test(suffix) && part.trim() !== '' ? part : part.trimEnd();
}
