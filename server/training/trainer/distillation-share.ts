/** How much of a round's gradient comes from distillation, and how much from plain text. */

import { topIds } from '../../base/logits';
import { crossEntropy, divergence } from '../../learning/objective';
import { union } from '../../learning/support';
import type { Adapter, Scorer } from '../../model/types';
import type { Prepared } from './prepare';

/** Events looked at; the share is an estimate for the reader, not a training signal. */
const LOOKED_AT = 6;

/**
 * Share of distillation in the length of the gradient on the logits, in [0, 1], before the first step; null where
 * nothing is trained. Exact 0 or 1 where only one kind of term is in use.
 */
export async function distillationShare(
  events: readonly Prepared[],
  scorer: Scorer,
  adapter: Adapter | null,
  topK: number,
): Promise<number | null> {
  const distils = events.some(
    ({ terms, teacherPrompt }) => teacherPrompt && (terms.keptForward > 0 || terms.onPolicy > 0),
  );
  const copies = events.some(({ terms, kept }) => kept && terms.crossEntropy > 0);
  if (!distils || !copies) return distils ? 1 : copies ? 0 : null;
  let fromTeacher = 0;
  let fromText = 0;
  for (const one of events.slice(0, LOOKED_AT)) {
    const target = one.kept?.ids ?? one.offered;
    if (target.length === 0) continue;
    const student = await scorer.logits(one.prompt, target, adapter);
    const teacher = one.teacherPrompt ? await scorer.logits(one.teacherPrompt, target, null) : null;
    const vocabulary = student.length / target.length;
    for (const [t, id] of target.entries()) {
      const s = student.subarray(t * vocabulary, (t + 1) * vocabulary);
      if (one.kept && one.terms.crossEntropy > 0) {
        fromText += one.event.weight * one.terms.crossEntropy * length(crossEntropy(s, id).gradient);
      }
      if (!teacher) continue;
      const p = teacher.subarray(t * vocabulary, (t + 1) * vocabulary);
      const support = union(topIds(p, topK), topIds(s, topK));
      const alpha = { forward: 0, jsd: 0.5, reverse: 1 }[one.terms.onPolicyKind];
      if (one.kept && one.terms.keptForward > 0) {
        fromTeacher +=
          one.event.weight * one.terms.keptForward * length(divergence(s, p, { alpha: 0, support }).gradient);
      }
      if (one.terms.onPolicy > 0) {
        fromTeacher +=
          one.event.weight * one.terms.onPolicy * length(divergence(s, p, { alpha, support }).gradient);
      }
    }
  }
  const total = fromTeacher + fromText;
  return total > 0 ? fromTeacher / total : null;
}

function length(vector: Float64Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}
