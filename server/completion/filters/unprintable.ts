import type { Filter } from './types';

/**
 * What no one types: characters that were decoded wrongly (U+FFFD, half a surrogate pair), control characters, and those
 * that turn the direction of writing, which show other code than is there.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd-\uffff]|\p{Surrogate}/u;

/** Cut before the line with such a character: what the model wrote up to it on that line leads there. */
export const cutUnprintable: Filter = (text) => {
  const at = text.search(UNPRINTABLE);
  if (at < 0) return text;
  const newline = text.lastIndexOf('\n', at);
  return newline <= 0 ? null : text.slice(0, newline);
};
