/**
 * The reference of every loss, in float64, one position at a time: what the compiled training graphs are checked against,
 * and what the trainer uses where it needs a number rather than a gradient.
 *
 * One kernel serves SDPO (arXiv 2601.20802, eq. 3), SDFT (2601.19897, eq. 5) and learning from user interactions
 * (2603.12273): they differ in the teacher's context and in where the response came from, not in the loss.
 */
import { logSoftmax, logSumExp } from '../base/logits';

export interface DivergenceOptions {
  /** 0 is forward KL(teacher‖student), 1 is reverse KL(student‖teacher), between: the generalised Jensen–Shannon divergence. */
  alpha: number;
  /** Ids that are told apart, the rest being one bucket; all when missing. */
  support?: readonly number[];
  /** Largest value of one token in nats; above it, value and gradient are scaled down. For the reverse term only. */
  tokenClip?: number;
}

/** A loss at one position: its value in nats and its gradient with respect to the student's logits, [V]. */
export interface LossAt {
  value: number;
  gradient: Float64Array;
}

/**
 * Divergence between teacher and student at one position. The teacher carries no gradient.
 * @param student logits [V]
 * @param teacher logits [V]
 */
export function divergence(
  student: ArrayLike<number>,
  teacher: ArrayLike<number>,
  { alpha, support, tokenClip }: DivergenceOptions,
): LossAt {
  const s = logSoftmax(student);
  const t = logSoftmax(teacher);
  const kept = support ? [...new Set(support)] : Array.from(s.keys());
  const inside = kept.length;
  const covered = new Uint8Array(s.length);
  for (const id of kept) covered[id] = 1;
  const outside = Array.from(s.keys()).filter((id) => !covered[id]);
  // Buckets: the support one by one, then the tail.
  const logQ = kept.map((id) => s[id]!);
  const logP = kept.map((id) => t[id]!);
  if (outside.length > 0) {
    logQ.push(logSumExp(outside.map((id) => s[id]!)));
    logP.push(logSumExp(outside.map((id) => t[id]!)));
  }
  const { value, slope } = bucketDivergence(logQ, logP, alpha);
  // d/dz_i of a function of bucket masses q_b: (q_i within its bucket) · (slope_b − Σ_b q_b·slope_b).
  const mean = logQ.reduce((sum, lq, b) => sum + Math.exp(lq) * slope[b]!, 0);
  const gradient = new Float64Array(s.length);
  for (const [b, id] of kept.entries()) gradient[id] = Math.exp(logQ[b]!) * (slope[b]! - mean);
  for (const id of outside) gradient[id] = Math.exp(s[id]!) * (slope[inside]! - mean);
  return tokenClip === undefined ? { value, gradient } : clipped({ value, gradient }, tokenClip);
}

/** −log π(y) and its gradient. */
export function crossEntropy(student: ArrayLike<number>, token: number): LossAt {
  const s = logSoftmax(student);
  const gradient = s.map((lq, id) => Math.exp(lq) - (id === token ? 1 : 0));
  return { value: -s[token]!, gradient };
}

/** The divergence of bucket masses and its slope dL/dq_b. */
function bucketDivergence(logQ: number[], logP: number[], alpha: number): { value: number; slope: number[] } {
  let value = 0;
  const slope = logQ.map((lq, b) => {
    const lp = logP[b]!;
    const q = Math.exp(lq);
    const p = Math.exp(lp);
    if (alpha === 0) {
      value += p > 0 ? p * (lp - lq) : 0;
      return q > 0 ? -p / q : 0;
    }
    if (alpha === 1) {
      value += q > 0 ? q * (lq - lp) : 0;
      return lq - lp + 1;
    }
    // m = (1 − α)·q + α·p;  α·KL(p‖m) + (1 − α)·KL(q‖m)
    const lm = logSumExp([lq + Math.log(1 - alpha), lp + Math.log(alpha)]);
    value += alpha * p * (lp - lm) + (1 - alpha) * q * (lq - lm);
    const m = Math.exp(lm);
    return (1 - alpha) * (lq - lm + 1) - ((1 - alpha) * (alpha * p + (1 - alpha) * q)) / m;
  });
  return { value, slope };
}

function clipped(loss: LossAt, limit: number): LossAt {
  if (loss.value <= limit) return loss;
  const scale = limit / loss.value;
  return { value: limit, gradient: loss.gradient.map((g) => g * scale) };
}
