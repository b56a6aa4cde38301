/**
 * What an event must show before it may change the model: the kept text parses, the teacher finds it likelier than the
 * student does, and it is this feedback that makes it so, not just any. Every figure is stored with the event.
 */

import { meanGap } from '../../learning/advantages';
import type { Adapter, Scorer } from '../../model/types';
import type { ParseVerdict } from '../../syntax/parse-check';
import type { Prepared } from '../trainer/prepare';
import type { Decision, EventGates } from '../types';
import { likeness } from './likeness';

export const LEAST_GAP = 0.1;
export const LEAST_OVER_SHUFFLED = 0.1;
/** Largest change of the length of completions, as a share. */
export const MOST_LENGTH_CHANGE = 0.25;
/**
 * Two feedbacks more alike than this teach the same: one is no control for the other. A long test output with the same
 * kept line behind it is as alike as can be.
 */
const MOST_ALIKE = 0.5;

/**
 * Gates one event.
 * @param shuffledPrompt this event's code behind another event's feedback; null where there is no unlike other
 * @param adapter the student as it stands
 * @param parse what the grammar says of the kept text; null where there is no kept text
 */
export async function gateEvent(
  one: Prepared,
  shuffledPrompt: readonly number[] | null,
  scorer: Scorer,
  adapter: Adapter | null,
  parse: ParseVerdict | null = null,
): Promise<EventGates> {
  const gates: EventGates['gates'] = [];
  const verdict = (reason: string | null): EventGates => ({
    eventId: one.event.id,
    passed: reason === null,
    reason,
    gates,
  });
  if (one.event.weight <= 0)
    return verdict('It carries no weight: nothing says what should have stood there.');
  if (one.teacherPrompt === null) return verdict('It has no feedback that a teacher could read.');
  const target = one.kept ?? (one.offered.length > 0 ? { ids: one.offered, mask: undefined } : null);
  if (!target) return verdict('It has neither a kept text nor a completion to learn from.');
  if (parse !== null) {
    const name = parse === 'not checked' ? 'kept text parses (not checked: no grammar)' : 'kept text parses';
    gates.push({ name, passed: parse !== 'breaks', value: null, threshold: null });
    if (parse === 'breaks') return verdict('The kept text does not parse where it stands.');
  }

  // With and without the feedback the same model is asked: an adapter that has half learned the lesson must not hide it.
  const student = (await scorer.score(one.prompt, target.ids, null, 0)).logProbs;
  const teacher = (await scorer.score(one.teacherPrompt, target.ids, null, 0)).logProbs;
  // Without a kept text the feedback speaks against the completion, so its size counts, not its sign.
  const gap = one.kept ? meanGap(student, teacher, one.kept.mask) : meanDifference(student, teacher);
  const current = adapter ? (await scorer.score(one.prompt, target.ids, adapter, 0)).logProbs : student;
  const known = one.kept ? meanLogProb(current, one.kept.mask) > -LEAST_GAP : false;
  gates.push({
    name: one.kept ? 'teacher gap on the kept text' : 'teacher gap on the completion',
    passed: gap >= LEAST_GAP,
    value: gap,
    threshold: LEAST_GAP,
  });
  if (known) return verdict('The model already writes what was kept.');
  if (gap < LEAST_GAP) {
    return verdict(
      `Reading the feedback changes too little (${gap.toFixed(2)} nats a token, ${LEAST_GAP} are needed).`,
    );
  }
  if (shuffledPrompt) {
    const control = (await scorer.score(shuffledPrompt, target.ids, null, 0)).logProbs;
    const other = one.kept ? meanGap(student, control, one.kept.mask) : meanDifference(student, control);
    const over = gap - other;
    const passed = over >= LEAST_OVER_SHUFFLED;
    gates.push({ name: 'gap over foreign feedback', passed, value: over, threshold: LEAST_OVER_SHUFFLED });
    if (!passed) {
      return verdict(
        `Feedback on something else helps as much (${over.toFixed(2)} nats a token apart, ${LEAST_OVER_SHUFFLED} are needed).`,
      );
    }
  }
  return verdict(null);
}

/** The event whose feedback is least like this one's, for the control; null where all are much alike. */
export function controlEvent(one: Prepared, others: readonly Prepared[]): Prepared | null {
  let best: Prepared | null = null;
  let least = MOST_ALIKE;
  for (const other of others) {
    if (other === one || !other.feedback) continue;
    const alike = likeness(one.feedback, other.feedback);
    if (alike < least) {
      least = alike;
      best = other;
    }
  }
  return best;
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return a.length > 0 ? sum / a.length : 0;
}

/** Mean log-prob over a mask. */
export function meanLogProb(logProbs: Float32Array, mask?: Float32Array): number {
  return meanGap(new Float32Array(logProbs.length), logProbs, mask);
}

/** What must hold while a round runs; checked at every refresh. */
export interface Vitals {
  /** Student's entropy over the base model's, on replay rows. */
  entropyRatio: number | null;
  /** Mean KL(base‖student) on replay rows, in nats. */
  drift: number;
  /** null where it says nothing: a step in which no sample was rewarded. */
  gradNorm: number | null;
  /** Change of the mean length of greedy completions of ordinary code, as a share; null where it was not looked at. */
  lengthChange: number | null;
}

/** Limits of the vitals. */
const LEAST_ENTROPY = 0.6;
const MOST_DRIFT = 2;
const LEAST_GRADIENT = 1e-5;

/** @returns one sentence where the round must stop */
export function checkVitals({ entropyRatio, drift, gradNorm, lengthChange }: Vitals): string | null {
  if (!Number.isFinite(gradNorm ?? 0) || !Number.isFinite(drift))
    return 'The gradients are not finite; the round was stopped.';
  if (gradNorm !== null && gradNorm < LEAST_GRADIENT)
    return 'There is nothing to learn: the gradient is below 0.00001.';
  if (drift > MOST_DRIFT)
    return `The model left its base by ${drift.toFixed(2)} nats on ordinary code (2 are allowed).`;
  if (entropyRatio !== null && entropyRatio < LEAST_ENTROPY) {
    return `The model's entropy fell to ${(100 * entropyRatio).toFixed(0)} % of the base's (60 % are required).`;
  }
  if (lengthChange !== null && lengthChange > MOST_LENGTH_CHANGE) {
    return `Completions of ordinary code changed their length by ${(100 * lengthChange).toFixed(0)} % (25 % are allowed).`;
  }
  return null;
}

/** The worst of each figure, of two looks. */
export function worstVitals(a: Vitals | null, b: Vitals): Vitals {
  if (!a) return b;
  const worse = (x: number | null, y: number | null, pick: (x: number, y: number) => number) =>
    x === null ? y : y === null ? x : pick(x, y);
  return {
    entropyRatio: worse(a.entropyRatio, b.entropyRatio, Math.min),
    drift: Math.max(a.drift, b.drift),
    gradNorm: worse(a.gradNorm, b.gradNorm, Math.min),
    lengthChange: worse(a.lengthChange, b.lengthChange, Math.max),
  };
}

/** The guards of a round as they are stored and shown: the worst figure of each against its limit. */
export function vitalDecisions({ entropyRatio, drift, gradNorm, lengthChange }: Vitals): Decision[] {
  const of = (
    name: string,
    value: number | null,
    threshold: number,
    passed: boolean,
    note: string,
  ): Decision => ({
    name: `during the round: ${name}`,
    value,
    threshold,
    passed,
    note,
  });
  const least = entropyRatio === null || entropyRatio >= LEAST_ENTROPY;
  const pulls = gradNorm === null || gradNorm >= LEAST_GRADIENT;
  const length = lengthChange === null || lengthChange <= MOST_LENGTH_CHANGE;
  return [
    of(
      'entropy',
      entropyRatio,
      LEAST_ENTROPY,
      least,
      "Lowest share of the base model's entropy, every 20 steps.",
    ),
    of('drift', drift, MOST_DRIFT, drift <= MOST_DRIFT, 'Highest KL to the base model on replay rows, nats.'),
    of('gradient', gradNorm, LEAST_GRADIENT, pulls, 'Lowest norm of the gradient.'),
    of('length', lengthChange, MOST_LENGTH_CHANGE, length, 'Largest change of the length of completions.'),
  ];
}
