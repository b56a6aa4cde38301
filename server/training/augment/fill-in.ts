/**
 * Code that feedback quotes stands for code at any place: `use lg.emit(Level.Warn, name, { value })`. Here its placeholders
 * are told from the names that are meant, and replaced by names of the place. What comes out are proposals; which of them
 * is learned, if any, the teacher decides (answers.ts).
 */

import { nearbyNames } from '../../syntax/nearby-names';

/** Names of the place tried for one placeholder, the nearest first. */
const MOST_NAMES = 6;
const WORD = /[A-Za-z_$][\w$]*/g;
const KEYWORDS = new Set(
  'if else for while do return throw new const let var function class extends super this self cls true false null undefined None True False try catch finally await async yield import export typeof instanceof in of not and or is def raise pass lambda with as'.split(
    ' ',
  ),
);

export interface Place {
  prefix: string;
  suffix: string;
}

/** A placeholder and what could stand there: names bare, or quoted where the position takes a string. */
interface Placeholder {
  word: string;
  options: string[];
}

/**
 * Pieces of code in a text of feedback: calls with their brackets closed, and assignments to a member. Each begins at the
 * statement's first word (`throw fail(…)`).
 */
export function quotedCode(feedback: string): string[] {
  const found: string[] = [];
  for (const match of feedback.matchAll(
    /(?<![\w$]|[\w$]\.)(?:\b(?:throw|return|await|new|raise)\s{1,20}){0,4}[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*\(/g,
  )) {
    const end = closing(feedback, match.index + match[0].length - 1);
    if (end > 0) found.push(feedback.slice(match.index, end + 1));
  }
  for (const match of feedback.matchAll(/\b(?:this|self)\.[\w$]+ = [\w$.]+/g)) found.push(match[0]);
  // The outermost only: a call within a quoted call is a part of it.
  return [...new Set(found)].filter((one) => !found.some((other) => other !== one && other.includes(one)));
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if ('([{'.includes(text[at]!)) depth++;
    else if (')]}'.includes(text[at]!) && --depth === 0) return at;
    else if (text[at] === '\n') return -1;
  }
  return -1;
}

/**
 * Words of a piece of code that stand for something else at this place: names that are read there and that the place does
 * not know, and strings of one such word. Names that are called, or that something is taken from, are meant.
 */
export function placeholders(code: string, place: Place): Placeholder[] {
  const known = new Set(`${place.prefix}\n${place.suffix}`.match(WORD));
  const near = nearbyNames(place.prefix).slice(0, MOST_NAMES);
  const found = new Map<string, Placeholder>();
  for (const match of code.matchAll(WORD)) {
    const word = match[0];
    const before = code.slice(0, match.index).trimEnd();
    const after = code.slice(match.index + word.length).trimStart();
    if (known.has(word) || KEYWORDS.has(word) || found.has(word)) continue;
    const quote = /['"`]$/.exec(before)?.[0];
    const quoted = quote !== undefined && after.startsWith(quote);
    if (!quoted && (/^[(.:]/.test(after) || /\.$/.test(before) || /['"`]$/.test(before))) continue;
    const shorthand = /[{,]$/.test(before) && /^[,}]/.test(after) && /\{[^}]*$/.test(before);
    const all = near.map(({ name }) => name);
    const values = near.filter(({ callable }) => !callable).map(({ name }) => name);
    // A name may also be given as a text: the function's name in a message. As a value the function itself is not meant.
    const takesText = !shorthand && !/^[-+*/%<>]/.test(after);
    const options = quoted ? all : takesText ? [...values, ...all.map((name) => `'${name}'`)] : values;
    found.set(word, { word, options });
  }
  return [...found.values()];
}

/** A piece of code with a placeholder replaced, in names that are made of it too: m_name with `name` is m_id with `id`. */
export function replacePlaceholder(code: string, word: string, by: string): string {
  const bare = by.replace(/^'|'$/g, '');
  return code
    .replace(new RegExp(`(?<![\\w$])${escaped(word)}(?![\\w$])`, 'g'), () => by)
    .replace(new RegExp(`(?<=_)${escaped(word)}(?![\\w$])`, 'g'), () => bare);
}

function escaped(word: string): string {
  return word.replace(/\$/g, '\\$');
}

/** A piece of code without its names and values: what a text must have in common with the code that was quoted. */
export function shapeOf(code: string): string {
  return code
    .replace(/\d+|[A-Za-z_$][\w$]*/g, (word) => (KEYWORDS.has(word) ? word : '_'))
    .replace(/(['"`])_\1/g, '_')
    .replace(/\s+/g, '');
}

/** Whether a text still holds a placeholder of the feedback: then it repeats what was said instead of doing it. */
export function isFilledIn(text: string, feedback: string, place: Place): boolean {
  const said = new Set(feedback.match(WORD));
  return !placeholders(text, place).some(({ word }) => said.has(word));
}
