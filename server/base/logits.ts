/** Arithmetic on one row of logits or log-probabilities, [vocabulary]. */

/** Index of the largest entry, the first of equals. */
export function argmax(row: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

/** log Σ exp(x), without overflow; −∞ where every entry is. */
export function logSumExp(row: ArrayLike<number>): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i++) if (row[i]! > max) max = row[i]!;
  if (max === Number.NEGATIVE_INFINITY) return max;
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += Math.exp(row[i]! - max);
  return max + Math.log(sum);
}

/** log softmax of the row in float64. */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const normaliser = logSumExp(logits);
  return Float64Array.from({ length: logits.length }, (_, i) => logits[i]! - normaliser);
}

/** Indices of the k largest entries, largest first, the first of equals first. */
export function topIds(values: ArrayLike<number>, k: number): number[] {
  const best: number[] = [];
  for (let id = 0; id < values.length; id++) {
    if (best.length === k && values[id]! <= values[best[k - 1]!]!) continue;
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < values[id]!) at--;
    best.splice(at, 0, id);
    if (best.length > k) best.pop();
  }
  return best;
}

/** `logSoftmax` of each row of [rows, width]. */
export function logSoftmaxRows(logits: Float32Array, width: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += width) {
    out.set(logSoftmax(logits.subarray(start, start + width)), start);
  }
  return out;
}

/** `topIds` of each row of [rows, width], [rows, k] row-major. */
export function topIdsOfRows(rows: Float32Array, width: number, k: number): Int32Array {
  const out = new Int32Array((rows.length / width) * k);
  for (let row = 0; row * width < rows.length; row++) {
    out.set(topIds(rows.subarray(row * width, (row + 1) * width), k), row * k);
  }
  return out;
}
