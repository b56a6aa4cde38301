import type { Filter, FilterContext } from './types';

const WORD_AT_END = /[\p{L}\p{N}_$]+$/u;
const WORD_AT_START = /^[\p{L}\p{N}_$]+/u;
const WORDS = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** Names that every file of a language has, and keywords: they need not stand near to be finished. */
const EVERYWHERE = new Set(
  (
    'abstract and any append args as assert async await bool boolean break case catch char class clone close collect console const constructor continue ' +
    'debug default def defer delete dict document double elif else empty enum enumerate error err except exit export exports extends ' +
    'false False filter final finally find first float fmt for from func function get global go if impl implements import in include ' +
    'index init input instanceof int interface is isinstance items iter join json JSON key keys kwargs lambda last len length let list log ' +
    'main map match math Math max min module mut name namespace new next nil not None null Number number object Object of open option or os ' +
    'override package parse pass path pop pretty print printf println private process promise Promise protected pub public push raise range read ' +
    'readonly reduce replace require resolve response result return reverse round self set setTimeout size slice some sort sorted splice split ' +
    'static std str strip strings string String struct sub sum super switch sys test this throw throws time toString trait trim true True try ' +
    'tuple type typeof undefined union unwrap update use using value values var vec void when where while window with write yield zip'
  ).split(' '),
);

/**
 * Within a word a text may only finish a name that stands somewhere near: in the file, in what else the prompt shows, or
 * one that every file has. What else it makes of the begun word is a guess.
 */
export const dropUnknownWord: Filter = (text, context) => {
  const begun = WORD_AT_END.exec(context.prefix.slice(-200))?.[0];
  const added = WORD_AT_START.exec(text)?.[0] ?? '';
  const rest = WORD_AT_START.exec(context.suffix.slice(0, 200))?.[0] ?? '';
  // A number goes on as it likes; between two words nothing is to be finished.
  if (begun === undefined || /^\d/.test(begun) || (added === '' && rest === '')) return text;
  // The model writes what stands behind the cursor as well: it means this word.
  if (rest !== '' && added.endsWith(rest)) return text;
  if (rest !== '' && added.length < text.length) return null;
  return isKnown(begun + added + rest, context) ? text : null;
};

function isKnown(word: string, { prefix, suffix, nearby = [] }: FilterContext): boolean {
  if (EVERYWHERE.has(word)) return true;
  // The begun word itself stands at the end of the code before the cursor.
  const before = prefix.replace(WORD_AT_END, '');
  return [before, suffix, ...nearby].some((code) => hasWord(code, word));
}

function hasWord(code: string, word: string): boolean {
  for (let at = code.indexOf(word); at >= 0; at = code.indexOf(word, at + 1)) {
    const [found] = code.slice(at, at + word.length + 1).match(WORDS) ?? [];
    const isBegun = at > 0 && /[\p{L}\p{N}_$]/u.test(code[at - 1]!);
    if (found === word && !isBegun) return true;
  }
  return false;
}
