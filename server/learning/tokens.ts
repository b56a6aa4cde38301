/** Which tokens of a kept text carry the lesson. */
import { diffArrays } from 'diff';

/** Tokens on either side of a change that are trained with it. */
export const CHANGE_WINDOW = 8;

/**
 * 1 for every solution token that the completion did not have, and for those at most `window` tokens from one or from
 * a deletion; 0 elsewhere. Where nothing differs, or there was no completion, every token counts.
 * @param completion ids as offered
 * @param solution ids of the kept text, [S]
 * @returns mask [S]
 */
export function changedMask(
  completion: readonly number[],
  solution: readonly number[],
  window = CHANGE_WINDOW,
): Float32Array {
  const mask = new Float32Array(solution.length);
  const changed: number[] = [];
  let at = 0;
  for (const part of diffArrays([...completion], [...solution])) {
    if (part.removed) changed.push(at);
    else if (part.added) for (let i = 0; i < part.count; i++) changed.push(at++);
    else at += part.count;
  }
  if (changed.length === 0 || completion.length === 0) return mask.fill(1);
  for (const place of changed) {
    for (let i = Math.max(0, place - window); i <= Math.min(solution.length - 1, place + window); i++)
      mask[i] = 1;
  }
  return mask;
}
