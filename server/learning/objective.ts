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
  /** Ids that are told apart; all when missing. */
  support?: readonly number[];
  /** Whether what lies outside `support` counts as one bucket. Without it both sides are renormalised to the support. */
  tail?: boolean;
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
  { alpha, support, tail = true, tokenClip }: DivergenceOptions,
): LossAt {
  const s = logSoftmax(student);
  const t = logSoftmax(teacher);
  const kept = support ? [...new Set(support)] : Array.from(s.keys());
  const inside = kept.length;
  const covered = new Uint8Array(s.length);
  for (const id of kept) covered[id] = 1;
  const outside = tail ? Array.from(s.keys()).filter((id) => !covered[id]) : [];
  // Buckets: the support one by one, then the tail. Without a tail both are renormalised over the support.
  const logQ = kept.map((id) => s[id]!);
  const logP = kept.map((id) => t[id]!);
  if (outside.length > 0) {
    logQ.push(logSumExp(outside.map((id) => s[id]!)));
    logP.push(logSumExp(outside.map((id) => t[id]!)));
  } else if (!tail) {
    renormalise(logQ);
    renormalise(logP);
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

export interface SampledOptions {
  /** log π_old(y) of the policy that produced the token, for responses that were logged earlier. */
  oldLogProb?: number;
  /** Largest importance ratio π/π_old. */
  ratioClip?: number;
  /** Largest |advantage| in nats. */
  advantageClip?: number;
}

/**
 * The sampled-token form: −ρ·A·log π(y) with A = log π_T(y) − log π(y) held constant, ρ the clipped importance ratio
 * (SDPO eq. 4). Its expectation over y ~ π has the gradient of the reverse KL.
 */
export function sampledToken(
  student: ArrayLike<number>,
  teacher: ArrayLike<number>,
  token: number,
  { oldLogProb, ratioClip = Infinity, advantageClip = Infinity }: SampledOptions = {},
): LossAt & { advantage: number; ratio: number } {
  const s = logSoftmax(student);
  const advantage = clamp(logSoftmax(teacher)[token]! - s[token]!, -advantageClip, advantageClip);
  const ratio = oldLogProb === undefined ? 1 : importanceRatio(s[token]!, oldLogProb, ratioClip);
  return { ...policyGradient(s, token, advantage, ratio), advantage, ratio };
}

/**
 * GRPO at one token: the clipped surrogate with the asymmetric clip 1 − low … 1 + high. Its advantage is the reward
 * less the group's mean, without the division by the standard deviation.
 */
export function grpoToken(
  student: ArrayLike<number>,
  token: number,
  advantage: number,
  oldLogProb: number,
  { low = 0.2, high = 0.28 }: { low?: number; high?: number } = {},
): LossAt {
  const s = logSoftmax(student);
  const ratio = Math.exp(s[token]! - oldLogProb);
  const bounded = clamp(ratio, 1 - low, 1 + high);
  const value = -Math.min(ratio * advantage, bounded * advantage);
  const factor = grpoFactor(advantage, ratio, { low, high });
  const gradient = s.map((lq, id) => -factor * ((id === token ? 1 : 0) - Math.exp(lq)));
  return { value, gradient };
}

/** What ∇log π(y) is multiplied by in that surrogate: A·ρ, and 0 where the clip stops it. */
export function grpoFactor(advantage: number, ratio: number, { low = 0.2, high = 0.28 } = {}): number {
  const bounded = clamp(ratio, 1 - low, 1 + high);
  return bounded * advantage < ratio * advantage ? 0 : advantage * ratio;
}

/** Rewards of a group to advantages: A = r − mean r. */
export function groupAdvantages(rewards: readonly number[]): number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
  return rewards.map((reward) => reward - mean);
}

/** min(π/π_old, clip). */
export function importanceRatio(logProb: number, oldLogProb: number, clip: number): number {
  return Math.min(Math.exp(logProb - oldLogProb), clip);
}

/** Mean over the positions of a mask: Σ m·x / Σ m; 0 where the mask is empty. */
export function maskedMean(values: ArrayLike<number>, mask?: ArrayLike<number>): number {
  let sum = 0;
  let weight = 0;
  for (let i = 0; i < values.length; i++) {
    const m = mask ? mask[i]! : 1;
    sum += m * values[i]!;
    weight += m;
  }
  return weight > 0 ? sum / weight : 0;
}

/** Trust region in logit space: (1 − τ)·base + τ·student, renormalised. τ = 0 is the frozen teacher, 1 the live one. */
export function mixLogProbs(base: ArrayLike<number>, student: ArrayLike<number>, tau: number): Float64Array {
  return logSoftmax(
    Float64Array.from({ length: base.length }, (_, i) => (1 - tau) * base[i]! + tau * student[i]!),
  );
}

function policyGradient(s: Float64Array, token: number, advantage: number, ratio: number): LossAt {
  const gradient = s.map((lq, id) => -ratio * advantage * ((id === token ? 1 : 0) - Math.exp(lq)));
  return { value: -ratio * advantage * s[token]!, gradient };
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

function renormalise(logs: number[]): void {
  const norm = logSumExp(logs);
  for (let i = 0; i < logs.length; i++) logs[i]! -= norm;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
