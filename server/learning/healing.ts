/**
 * Token healing. A model that reads only from left to right learned from whole texts cut into tokens, where a line break
 * takes the blanks behind it along and a word is one token: a prompt that ends with blanks or within a word stands where
 * its training never stood. So the end of the prompt is given back, and what is written first must spell it. What is
 * trained and scored is cut the same way. Models made to fill in the middle were trained with cuts anywhere and need none
 * of it: the prompt's order decides, here alone.
 */

import { toBytes } from '../model/tokenizer/spelling';
import type { GenerateRequest, PromptFormat, Tokenizer } from '../model/types';

/** So much of the end of the code decides where it is cut, in characters; a cut never goes back further. */
const reach = 256;

/** Blanks at the end; else the word or the run of signs at the end, with the blank before it. */
const ends = [
  /(?<!\s)\s+$/u,
  /(?: |(?<![\p{L}\p{N}_]))[\p{L}\p{N}_]+$/u,
  /(?: |(?<![^\s\p{L}\p{N}_]))[^\s\p{L}\p{N}_]+$/u,
];

/**
 * The end of the code before the cursor that the prompt leaves out and the first tokens have to spell; '' for models that
 * fill in the middle, and where the code is empty.
 */
export function givenBack(tokenizer: Tokenizer, format: PromptFormat, prefix: string): string {
  if (format.order !== 'none' || prefix === '') return '';
  const tail = prefix.slice(-reach);
  const run = ends.map((end) => end.exec(tail)?.[0]).find((found) => found !== undefined) ?? '';
  const start = Buffer.byteLength(tail) - Buffer.byteLength(run);
  const ids = tokenizer.encodeText(tail + followerOf(tail));
  const spelling = tokenizer.spelling();
  let [at, cut] = [0, 0];
  for (const id of ids) {
    at += spelling.bytesOf(id).length;
    if (at > start) break;
    cut = at;
  }
  const kept = Buffer.from(tail).subarray(0, cut).toString();
  // A cut within a character cannot be written as text: then the character is given back too.
  return tail.slice(tail.startsWith(kept) ? kept.length : kept.replace(/(?<!\ufffd)\ufffd+$/u, '').length);
}

/**
 * Stands behind the blanks at the code's end while it is encoded: only then do they form the tokens that they form in a
 * whole text, and some tokenizers join a sign with the line break behind it.
 */
const followerOf = (code: string) => (/\s$/.test(code) ? 'x' : '');

/**
 * Ids of the end of the code without what is given back, cut off from the ids of the whole.
 *
 * @param encode gives the ids of a text's end
 */
export function encodeHealed(
  tokenizer: Tokenizer,
  prefix: string,
  given: string,
  encode: (text: string) => number[],
): number[] {
  const ids = encode(prefix + followerOf(prefix));
  const spelling = tokenizer.spelling();
  let rest = Buffer.byteLength(given + followerOf(prefix));
  while (rest > 0 && ids.length > 0) rest -= spelling.bytesOf(ids.pop()!).length;
  // A text cut to its last tokens may have been cut within what is given back.
  return rest === 0 ? ids : encode(prefix.slice(0, prefix.length - given.length));
}

/**
 * What makes a decoder begin with `given`, and writes it in one run where the model would write it as the tokenizer does.
 * On an empty line something is to be written there: a line break does not come first.
 */
export function spelled(
  tokenizer: Tokenizer,
  { stopIds }: Pick<PromptFormat, 'stopIds'>,
  given: string,
): Pick<GenerateRequest, 'allowedIds' | 'draft'> {
  if (given === '') return {};
  const bytes = toBytes(given);
  const spelling = tokenizer.spelling();
  const emptyLine = /\n[ \t]*$/.test(given);
  const mayFollow = (text: string) => !emptyLine || !/^[ \t\r]*\n/.test(text);
  return {
    draft: tokenizer.encodeText(given),
    allowedIds(ids) {
      const written = ids.map((id) => spelling.bytesOf(id)).join('');
      const rest = bytes.slice(written.length);
      if (rest !== '') {
        const next = spelling
          .towards(rest)
          .filter((id) => mayFollow(spelling.bytesOf(id).slice(rest.length)));
        return next.length > 0 ? next : undefined;
      }
      const isBlank = written.slice(bytes.length).trim() === '';
      return emptyLine && isBlank ? [...spelling.beginningLines(), ...stopIds] : undefined;
    },
  };
}

/** How many of the first ids only spell what was given back: they say nothing about what comes at the cursor. */
export function leadLength(tokenizer: Tokenizer, given: string, ids: readonly number[]): number {
  if (given === '') return 0;
  const spelling = tokenizer.spelling();
  const length = Buffer.byteLength(given);
  let at = 0;
  let lead = 0;
  for (const id of ids) {
    at += spelling.bytesOf(id).length;
    if (at > length || spelling.bytesOf(id) === '') break;
    lead += 1;
  }
  return lead;
}

/** The text behind what was given back; '' while that is not written yet. */
export function behindGiven(text: string, given: string): string {
  return text.slice(given.length);
}
