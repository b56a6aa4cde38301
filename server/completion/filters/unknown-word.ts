import type { Filter, FilterContext } from './types';
import { wordAtEnd, wordAtStart } from './words';

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
  const begun = wordAtEnd(context.prefix);
  const added = wordAtStart(text);
  const rest = wordAtStart(context.suffix);
  // A number goes on as it likes; between two words nothing is to be finished.
  if (begun === '' || /^\d/.test(begun) || (added === '' && rest === '')) return text;
  // The model writes what stands behind the cursor as well: it means this word.
  if (rest !== '' && added.endsWith(rest)) return text;
  if (rest !== '' && added.length < text.length) return null;
  return isKnown(begun + added + rest, context) ? text : null;
};

function isKnown(word: string, { prefix, suffix, nearby = [] }: FilterContext): boolean {
  if (EVERYWHERE.has(word)) return true;
  // The begun word itself stands at the end of the code before the cursor.
  const before = prefix.slice(0, prefix.length - wordAtEnd(prefix).length);
  return [before, suffix, ...nearby].some((code) => hasWord(code, word));
}

function hasWord(code: string, word: string): boolean {
  for (let at = code.indexOf(word); at >= 0; at = code.indexOf(word, at + word.length)) {
    const isPart =
      wordAtEnd(code.slice(Math.max(0, at - 1), at)) !== '' ||
      wordAtStart(code.slice(at + word.length, at + word.length + 1)) !== '';
    if (!isPart) return true;
  }
  return false;
}
