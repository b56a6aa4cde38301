/**
 * Losses at one token that exist for comparisons: the sampled-token estimate, the rewarded surrogate of GRPO, and the
 * trust region's mixture. In float64; what is trained takes their factors as advantages.
 */
import { logSoftmax } from '../../base/logits';
import type { LossAt } from '../../learning/objective';

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

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
