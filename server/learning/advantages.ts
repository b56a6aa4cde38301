/**
 * Credit per token: what the feedback says about each token, before any training (SDPO eq. 4):
 * A_t = log π_T(y_t | x, f, y<t) − log π(y_t | x, y<t), and the same for the other tokens of that position.
 */
import type { Tokenizer } from '../model/types';
import type { TokenAdvantage } from '../protocol/types';

/** One side's `Scorer.score` result. */
export interface Scored {
  /** [S] */
  logProbs: Float32Array;
  /** [S, K] row-major */
  topIds: Int32Array;
  /** [S, K] row-major */
  topLogProbs: Float32Array;
}

/** Alternatives kept per position. */
const ALTERNATIVES = 3;

/**
 * The advantage of every response token, with the alternatives whose probability the teacher would change most.
 * A token in only one side's top K is taken at the other's least listed log-prob: a bound that understates the change.
 * @param ids response ids, [S], the stop token included where it was scored
 */
export function tokenAdvantages(
  tokenizer: Tokenizer,
  ids: readonly number[],
  student: Scored,
  teacher: Scored,
): TokenAdvantage[] {
  return ids.map((id, t) => {
    const studentTop = topOf(student, t, ids.length);
    const teacherTop = topOf(teacher, t, ids.length);
    const others = new Set([...studentTop.logProbs.keys(), ...teacherTop.logProbs.keys()]);
    others.delete(id);
    const alternatives = [...others]
      .map((other) => {
        const studentLogProb = studentTop.logProbs.get(other) ?? studentTop.least;
        const teacherLogProb = teacherTop.logProbs.get(other) ?? teacherTop.least;
        return {
          token: tokenizer.decode([other]),
          advantage: teacherLogProb - studentLogProb,
          teacherLogProb,
          studentLogProb,
        };
      })
      .sort((a, b) => massMoved(b) - massMoved(a))
      .slice(0, ALTERNATIVES);
    const studentLogProb = student.logProbs[t]!;
    const teacherLogProb = teacher.logProbs[t]!;
    return {
      token: tokenizer.decode([id]),
      advantage: teacherLogProb - studentLogProb,
      studentLogProb,
      teacherLogProb,
      alternatives,
    };
  });
}

/** Mean advantage over a mask, in nats per token: the teacher–student gap, which foretells what training can gain. */
export function meanGap(student: Float32Array, teacher: Float32Array, mask?: Float32Array): number {
  let sum = 0;
  let weight = 0;
  for (let t = 0; t < student.length; t++) {
    const m = mask?.[t] ?? 1;
    sum += m * (teacher[t]! - student[t]!);
    weight += m;
  }
  return weight > 0 ? sum / weight : 0;
}

function massMoved(token: { teacherLogProb: number; studentLogProb: number }): number {
  return Math.abs(Math.exp(token.teacherLogProb) - Math.exp(token.studentLogProb));
}

function topOf(
  scored: Scored,
  t: number,
  positions: number,
): { logProbs: Map<number, number>; least: number } {
  const k = positions > 0 ? scored.topIds.length / positions : 0;
  const logProbs = new Map<number, number>();
  for (let j = t * k; j < (t + 1) * k; j++) logProbs.set(scored.topIds[j]!, scored.topLogProbs[j]!);
  return { logProbs, least: k > 0 ? Math.min(...logProbs.values()) : -Infinity };
}
