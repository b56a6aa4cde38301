import type { Tokenizer } from '../model/types';

/** The fewest first ids whose text holds `text`; the last of them may reach beyond its end. */
export function offeredIds(
  tokenizer: Pick<Tokenizer, 'decode'>,
  ids: readonly number[],
  text: string,
): number[] {
  for (let count = 0; count < ids.length; count++) {
    const first = ids.slice(0, count);
    if (tokenizer.decode(first).startsWith(text)) return first;
  }
  return [...ids];
}
