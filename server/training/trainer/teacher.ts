/**
 * The self-teacher: the same model that also reads the feedback. Unregularised it runs away from itself (SDPO table 6:
 * live 36.1, frozen 48.8, EMA 49.3, trust region 50.6), so it is the base model, with the adapter off.
 */

import { logSoftmaxRows } from '../../base/logits';
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
    const logProbs = logSoftmaxRows(teacher, teacher.length / response.length);
    return teacherOnSupport(logProbs, student, response.length, this.topK);
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
