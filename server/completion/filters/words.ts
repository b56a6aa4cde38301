/** Words at the edges of a text, found a character at a time: a pattern that ends a text tries every place of it. */

const WORD = /[\p{L}\p{N}_$]/u;

/** Letters, digits, _ and $ at the end; '' where there are none. */
export function wordAtEnd(text: string): string {
  let at = text.length;
  while (at > 0 && WORD.test(text[at - 1]!)) at--;
  return text.slice(at);
}

/** The same at the beginning. */
export function wordAtStart(text: string): string {
  let at = 0;
  while (at < text.length && WORD.test(text[at]!)) at++;
  return text.slice(0, at);
}
