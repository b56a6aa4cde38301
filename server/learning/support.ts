/** Which token ids a divergence tells apart: the teacher's likeliest and the student's, the rest is the tail bucket. */

import { topIds } from '../base/logits';

/** The method's K. */
export const SUPPORT_SIZE = 20;

/** Distinct ids of both, the first list's order first. */
export function union(first: Iterable<number>, second: Iterable<number>): number[] {
  return [...new Set([...first, ...second])];
}

/** A fixed distribution on a support, [S, K] row-major, as `TrainingRow.divergence` takes it. */
export interface SupportedTeacher {
  ids: Int32Array;
  logProbs: Float32Array;
  topK: number;
}

/**
 * The teacher on the union of its own top ids and the student's, so that neither a token the teacher wants nor one the
 * student must give up hides in the tail.
 * @param teacher log-probs [S, V] row-major
 * @param student log-probs or logits [S, V] row-major; only their order counts. Left out: the teacher's own ids alone.
 * @param positions S
 */
export function teacherOnSupport(
  teacher: Float32Array | Float64Array,
  student: Float32Array | Float64Array | null,
  positions: number,
  k = SUPPORT_SIZE,
): SupportedTeacher {
  const vocabulary = positions > 0 ? teacher.length / positions : 0;
  const topK = Math.min(vocabulary, student ? 2 * k : k);
  const ids = new Int32Array(positions * topK);
  const logProbs = new Float32Array(positions * topK);
  for (let t = 0; t < positions; t++) {
    const row = teacher.subarray(t * vocabulary, (t + 1) * vocabulary);
    const own = topIds(row, topK);
    const chosen = student
      ? union(own.slice(0, k), topIds(student.subarray(t * vocabulary, (t + 1) * vocabulary), k))
      : own;
    // Where both agree there is room left: fill it with the teacher's next.
    const filled = union(chosen, own).slice(0, topK);
    for (const [j, id] of filled.entries()) {
      ids[t * topK + j] = id;
      logProbs[t * topK + j] = row[id]!;
    }
  }
  return { ids, logProbs, topK };
}
