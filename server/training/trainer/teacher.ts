/**
 * The self-teacher: the same model that also reads the feedback. Unregularised it runs away from itself (SDPO table 6:
 * live 36.1, frozen 48.8, EMA 49.3, trust region 50.6), so it is the base model, with the adapter off.
 */

import { type SupportedTeacher, teacherOnSupport } from '../../learning/support';
import type { Adapter, Scorer } from '../../model/types';

export class Teacher {
  constructor(
    protected readonly scorer: Scorer,
    private readonly topK: number,
  ) {}

  /** The answers of one that is frozen never change: they can be kept. */
  get isFrozen(): boolean {
    return true;
  }

  /** Called at each refresh with the student as it stands; one that is frozen does not follow. */
  follow(_live: Adapter): void {}

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

  /** Logits [S, V] of the teacher. */
  logits(
    prompt: readonly number[],
    response: readonly number[],
    _live: Adapter | null,
  ): Promise<Float32Array> {
    return this.scorer.logits(prompt, response, null);
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
