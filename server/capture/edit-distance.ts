/** How far a text is from another: Levenshtein distance over the longer length, in [0, 1]. */

/** Longer texts are compared by lines: the answer is then an upper bound good enough to sort edits from rewrites. */
const CHARACTERS = 2_000;

export function editDistance(a: string, b: string): number {
  if (a === b) {
    return 0;
  }
  const longer = Math.max(a.length, b.length);
  if (longer > CHARACTERS) {
    return byLines(a.split('\n'), b.split('\n'), longer);
  }
  return levenshtein(a.length, b.length, (i, j) => (a[i] === b[j] ? 0 : 1)) / longer;
}

/** Whole lines cost their length; a changed line costs its own distance, capped. */
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
  const part =
    rest <= CHARACTERS
      ? levenshtein(left.length, right.length, (i, j) => (left[i] === right[j] ? 0 : 1))
      : rest;
  return Math.min(1, part / longer);
}

function levenshtein(n: number, m: number, cost: (i: number, j: number) => number): number {
  let row = Uint32Array.from({ length: m + 1 }, (_, j) => j);
  let next = new Uint32Array(m + 1);
  for (let i = 0; i < n; i++) {
    next[0] = i + 1;
    for (let j = 0; j < m; j++) {
      next[j + 1] = Math.min(row[j]! + cost(i, j), row[j + 1]! + 1, next[j]! + 1);
    }
    [row, next] = [next, row];
  }
  return row[m]!;
}
