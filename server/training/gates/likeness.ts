/** How much two pieces of code or feedback have in common, by pairs of neighbouring words. */

/** Share of the shorter text's word pairs that the other one has too (overlap coefficient), in [0, 1]. */
export function likeness(a: string, b: string): number {
  const [x, y] = [wordPairs(a), wordPairs(b)];
  if (x.size === 0 || y.size === 0) return x.size === y.size ? 1 : 0;
  return x.size <= y.size ? shareIn(x, y) : shareIn(y, x);
}

/** Share of `part`'s pairs that `whole` has too, in [0, 1]; 0 where `part` has none. */
export function shareIn(part: ReadonlySet<string>, whole: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of part) if (whole.has(pair)) common++;
  return part.size > 0 ? common / part.size : 0;
}

/** Pairs of neighbouring words, numbers and signs. */
export function wordPairs(text: string): Set<string> {
  const words = text.match(/[A-Za-z_$][\w$]*|\d+|[^\s\w]/g) ?? [];
  return new Set(words.map((word, i) => `${word} ${words[i + 1] ?? ''}`));
}
