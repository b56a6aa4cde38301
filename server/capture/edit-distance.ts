/** How far a text is from another: Levenshtein distance over the longer length, in [0, 1]. */
import { distance } from 'fastest-levenshtein';

/** Longer texts are compared by lines: the answer is then an upper bound good enough to sort edits from rewrites. */
const CHARACTERS = 2_000;

export function editDistance(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  const longer = Math.max(a.length, b.length);
  return longer > CHARACTERS ? byLines(a.split('\n'), b.split('\n'), longer) : distance(a, b) / longer;
}

/** Lines that are the same at both ends cost nothing; what is between them its own distance, capped. */
function byLines(a: string[], b: string[], longer: number): number {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) {
    head++;
  }
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail++;
  }
  const left = a.slice(head, a.length - tail).join('\n');
  const right = b.slice(head, b.length - tail).join('\n');
  const rest = Math.max(left.length, right.length);
  return Math.min(1, (rest <= CHARACTERS ? distance(left, right) : rest) / longer);
}
