/**
 * The self-teacher: the same model that also reads the feedback. Unregularised it runs away from itself (SDPO table 6:
 * live 36.1, frozen 48.8, EMA 49.3, trust region 50.6), so it is the base model unless an arm says otherwise.
 *   frozen  the adapter off
 *   trust   (1 − τ)·frozen + τ·live in logit space (the geometric mixture, which the trust region's solution is)
 *   ema     an average of ΔW over refreshes, re-factorised to the adapter's rank (mix-adapters.ts); never of A and B
 *   live    the adapter as it stands, for the comparison only
 */

import { mixAdapters } from '../../bench/learning/mix-adapters';
import { divergence, importanceRatio, mixLogProbs } from '../../learning/objective';
import { type SupportedTeacher, teacherOnSupport } from '../../learning/support';
import type { Adapter, Scorer } from '../../model/types';
import type { Arm } from '../types';

/** Largest advantage of a sampled token, in nats, and largest importance ratio. */
const MOST_ADVANTAGE = 5;
const MOST_RATIO = 2;

export class Teacher {
  private average: Adapter | null = null;

  constructor(
    private readonly scorer: Scorer,
    private readonly arm: Pick<Arm, 'teacher' | 'teacherRate'>,
    private readonly topK: number,
  ) {}

  /** A frozen teacher's answers never change: they can be kept. */
  get isFrozen(): boolean {
    return this.arm.teacher === 'frozen';
  }

  /** Called at each refresh with the student as it stands; moves the average. */
  follow(live: Adapter): void {
    if (this.arm.teacher !== 'ema') return;
    this.average = mixAdapters(this.average, live, this.arm.teacherRate);
  }

  /**
   * The sampled-token form (SDPO eq. 4): ρ_t·A_t of every token of a response, A clipped to ±5 nats, ρ = min(π/π_old, 2)
   * where the response was logged earlier.
   * @param oldLogProbs log-probs when it was drawn, where that was not just now
   */
  async advantages(
    teacherPrompt: readonly number[],
    prompt: readonly number[],
    response: readonly number[],
    live: Adapter | null,
    oldLogProbs?: readonly number[],
  ): Promise<Float32Array> {
    const student = logProbRows(await this.scorer.logits(prompt, response, live), response.length);
    const teacher = logProbRows(await this.logits(teacherPrompt, response, live), response.length);
    const vocabulary = student.length / response.length;
    return Float32Array.from(response, (id, t) => {
      const now = student[t * vocabulary + id]!;
      const advantage = Math.max(
        -MOST_ADVANTAGE,
        Math.min(MOST_ADVANTAGE, teacher[t * vocabulary + id]! - now),
      );
      const old = oldLogProbs?.[t];
      return advantage * (old === undefined ? 1 : importanceRatio(now, old, MOST_RATIO));
    });
  }

  /** log π of each token of a response as the student stands, [S]. */
  async studentLogProbs(
    prompt: readonly number[],
    response: readonly number[],
    live: Adapter,
  ): Promise<Float32Array> {
    return (await this.scorer.score(prompt, response, live, 0)).logProbs;
  }

  /**
   * Weights that bound each token's reverse KL: min(1, clip / KL_t), [S].
   */
  async reverseWeights(
    teacherPrompt: readonly number[],
    prompt: readonly number[],
    response: readonly number[],
    live: Adapter | null,
    clip: number,
  ): Promise<Float32Array> {
    const student = await this.scorer.logits(prompt, response, live);
    const teacher = await this.logits(teacherPrompt, response, live);
    const size = student.length / response.length;
    return Float32Array.from(response, (_, t) => {
      const row = (of: Float32Array) => of.subarray(t * size, (t + 1) * size);
      const { value } = divergence(row(student), row(teacher), { alpha: 1 });
      return value > clip ? clip / value : 1;
    });
  }

  /**
   * The teacher's distribution at every position of a response, on its own and the student's likeliest tokens.
   * @param teacherPrompt f and x
   * @param prompt x
   */
  async distribution(
    teacherPrompt: readonly number[],
    prompt: readonly number[],
    response: readonly number[],
    live: Adapter | null,
  ): Promise<SupportedTeacher> {
    const student = await this.scorer.logits(prompt, response, live);
    const teacher = await this.logits(teacherPrompt, response, live);
    return teacherOnSupport(logProbRows(teacher, response.length), student, response.length, this.topK);
  }

  private async logits(
    prompt: readonly number[],
    response: readonly number[],
    live: Adapter | null,
  ): Promise<Float32Array> {
    switch (this.arm.teacher) {
      case 'frozen':
        return this.scorer.logits(prompt, response, null);
      case 'live':
        return this.scorer.logits(prompt, response, live);
      case 'ema':
        return this.scorer.logits(prompt, response, this.average);
      case 'trust': {
        const base = await this.scorer.logits(prompt, response, null);
        const current = await this.scorer.logits(prompt, response, live);
        const vocabulary = base.length / response.length;
        for (let t = 0; t < response.length; t++) {
          const [from, to] = [t * vocabulary, (t + 1) * vocabulary];
          base.set(
            mixLogProbs(base.subarray(from, to), current.subarray(from, to), this.arm.teacherRate),
            from,
          );
        }
        return base;
      }
    }
  }
}

/** Raw logits [S, V] to log-probs in place. */
export function logProbRows(logits: Float32Array, positions: number): Float32Array {
  const vocabulary = positions > 0 ? logits.length / positions : 0;
  for (let t = 0; t < positions; t++) {
    const row = logits.subarray(t * vocabulary, (t + 1) * vocabulary);
    let most = -Infinity;
    for (const value of row) if (value > most) most = value;
    let sum = 0;
    for (const value of row) sum += Math.exp(value - most);
    const norm = most + Math.log(sum);
    for (let i = 0; i < row.length; i++) row[i]! -= norm;
  }
  return logits;
}
