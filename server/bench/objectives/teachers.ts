/**
 * Teachers that the frozen one is compared with:
 *   trust   (1 − τ)·frozen + τ·live in logit space (the geometric mixture, which the trust region's solution is)
 *   ema     an average of ΔW over refreshes, re-factorised to the adapter's rank (mix-adapters.ts); never of A and B
 *   live    the adapter as it stands
 */
import type { Adapter, Scorer } from '../../model/types';
import { Teacher } from '../../training/trainer/teacher';
import { mixAdapters } from './mix-adapters';
import { mixLogProbs } from './policy';

/** By name, what makes a teacher of a scorer, the teacher's K and a rate: share of the live model, or step of the average. */
export const TEACHERS = {
  frozen: (scorer: Scorer, topK: number) => new Teacher(scorer, topK),
  live: (scorer: Scorer, topK: number) => new LiveTeacher(scorer, topK),
  trust: (scorer: Scorer, topK: number, rate: number) => new TrustTeacher(scorer, topK, rate),
  ema: (scorer: Scorer, topK: number, rate: number) => new AveragedTeacher(scorer, topK, rate),
};

export type TeacherKind = keyof typeof TEACHERS;

class LiveTeacher extends Teacher {
  override get isFrozen(): boolean {
    return false;
  }

  override logits(prompt: readonly number[], response: readonly number[], live: Adapter | null) {
    return this.scorer.logits(prompt, response, live);
  }
}

class AveragedTeacher extends Teacher {
  private average: Adapter | null = null;

  constructor(
    scorer: Scorer,
    topK: number,
    private readonly rate: number,
  ) {
    super(scorer, topK);
  }

  override get isFrozen(): boolean {
    return false;
  }

  override follow(live: Adapter): void {
    this.average = mixAdapters(this.average, live, this.rate);
  }

  override logits(prompt: readonly number[], response: readonly number[]) {
    return this.scorer.logits(prompt, response, this.average);
  }
}

class TrustTeacher extends Teacher {
  constructor(
    scorer: Scorer,
    topK: number,
    private readonly rate: number,
  ) {
    super(scorer, topK);
  }

  override get isFrozen(): boolean {
    return false;
  }

  override async logits(prompt: readonly number[], response: readonly number[], live: Adapter | null) {
    const base = await this.scorer.logits(prompt, response, null);
    const current = await this.scorer.logits(prompt, response, live);
    const vocabulary = base.length / response.length;
    for (let t = 0; t < response.length; t++) {
      const [from, to] = [t * vocabulary, (t + 1) * vocabulary];
      base.set(mixLogProbs(base.subarray(from, to), current.subarray(from, to), this.rate), from);
    }
    return base;
  }
}
