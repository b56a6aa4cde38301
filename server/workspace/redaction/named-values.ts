/** Values that a name beside them says are secret: assignments, arguments, elements, flags and sentences of many languages. */
import type { Finding } from './finding';
import {
  hasMarkWithin,
  isDrawnLetters,
  isMarked,
  isUuid,
  looksChosen,
  mayBePassword,
  mayBeToken,
} from './harmless';
import type { Value } from './literals';
import { FOREIGN_KEYWORD, KEYWORD, type Promised, promiseOf } from './names';
import { valuesOf } from './values';

/** A name is not longer, in characters. */
const NAME_REACH = 60;
/** Names looked at before whoever drives the search may let others work. */
const TICK = 64;

/** All values of secret names in the text; null from time to time, where the search can be interrupted. */
export function* namedValues(text: string): Iterable<Finding | null> {
  // A few letters change their number when they become small ones: the text is then searched as it is.
  const small = text.toLowerCase();
  yield* valuesOfNames(text, (small.length === text.length ? small : text).matchAll(KEYWORD));
  if (/[^ -~\s]/.test(text)) {
    yield* valuesOfNames(text, text.matchAll(FOREIGN_KEYWORD));
  }
}

function* valuesOfNames(text: string, keywords: Iterable<RegExpMatchArray>): Iterable<Finding | null> {
  let done = 0;
  let looked = 0;
  /** Where the last name of a secret ended. */
  let before = 0;
  for (const match of keywords) {
    const at = match.index!;
    if (at < done) {
      continue;
    }
    // Scripts without blanks between words: the match is the name.
    const alone = match[0].charCodeAt(0) > 0x5ff;
    const start = alone ? at : nameStart(text, at);
    const end = alone ? at + match[0].length : nameEnd(text, at + match[0].length);
    done = end;
    if (++looked % TICK === 0) {
      yield null;
    }
    const name = text.slice(start, end).replace(/^[$@-]+/, '');
    const isPass = /^pass$/i.test(name);
    const promised = promiseOf(name);
    if (promised === null || (isPass && isVerb(name, text.slice(end, end + 9)))) {
      continue;
    }
    const since = before;
    before = end;
    for (const value of valuesOf(text, start, end, since)) {
      const content = text.slice(value.start, value.end);
      if (
        isSecret(content, promised, value) &&
        !(isPass && isMessage(content)) &&
        !isNumber(content, text[value.start - 1])
      ) {
        yield { start: value.start, end: value.end };
      }
    }
  }
}

/** The verb, the statement and the result of a test: `pass` is a name only where a value is put to it. */
function isVerb(name: string, behind: string): boolean {
  return name === 'pass'
    ? !/^["'\]]{0,2}\s{0,4}(?:=>|[:=])/.test(behind)
    : /^pass$/i.test(name) && !/^["']?\s?=/.test(behind);
}

/** What stands behind `"pass":` in a list of checks. */
function isMessage(value: string): boolean {
  return /\s|^[a-z]+$/.test(value) || /[^ -~]{4}/.test(value) || value.length > 40;
}

/** A number of code; in quotes or right behind `=` it can be a password. */
function isNumber(value: string, before: string | undefined): boolean {
  return /^\d+$/.test(value) && !/["'`=>]/.test(before ?? '');
}

function isSecret(value: string, promised: Promised, { near, literal }: Value): boolean {
  if (promised === 'password' && near) {
    return (
      mayBePassword(value, literal) &&
      (literal ||
        looksChosen(value) ||
        hasMarkWithin(value) ||
        isDrawnLetters(value) ||
        (!isVariable(value) && mayBeToken(value)))
    );
  }
  if ((promised !== 'hint' || near) && looksChosen(value)) {
    return true;
  }
  if (promised === 'password' && literal && isMarked(value)) {
    return true;
  }
  if (near && promised === 'token' && isUuid(value) && new Set(value).size > 8) {
    return true;
  }
  if (!near && (promised === 'hint' || isUuid(value))) {
    return false;
  }
  return (promised !== 'hint' || value.length >= 12) && mayBeToken(value);
}

/** `password2`, `tok1`, `pass_2`: an unquoted word of code with a number behind, named after what it holds. */
function isVariable(value: string): boolean {
  return /^(?:\w{0,60}?(?:pass|pw|secret|token|key|cred|user|name|str|val|arg|param|var|tmp|temp|buf|data|field|input|text|msg|line|item|elem|node|obj|res|ret|result|out|in|src|dst|opt|cfg|conf)\w{0,60}?|[a-z]{1,3})_?\d{1,2}$/i.test(
    value,
  );
}

const NAME_PART = /[\p{L}\p{N}_$.-]/u;

function nameStart(text: string, from: number): number {
  let at = from;
  while (at > 0 && from - at < NAME_REACH && NAME_PART.test(text[at - 1]!)) {
    at--;
  }
  return at;
}

function nameEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < NAME_REACH && NAME_PART.test(text[at]!)) {
    at++;
  }
  // A full stop or hyphen at the end is no part of the name.
  while (at > from && /[.$-]/.test(text[at - 1]!)) {
    at--;
  }
  return at;
}
