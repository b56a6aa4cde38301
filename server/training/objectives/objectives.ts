/**
 * The objectives by name: the default, and what it is compared with. Which of the terms a, b, c carry a signal is decided
 * here and nowhere else, by what docs/learning.md measured.
 */
import { EVERYTHING } from '../../learning/contexts';
import type { Arm, RoundOptions, Terms } from '../types';

const NOTHING: Terms = { keptForward: 0, onPolicy: 0, onPolicyKind: 'forward', crossEntropy: 0 };
const TEXT: Terms = { ...NOTHING, crossEntropy: 1 };
const KEPT: Terms = { ...NOTHING, keptForward: 1 };
const FORWARD: Terms = { ...NOTHING, onPolicy: 1 };
const JSD: Terms = { ...NOTHING, onPolicy: 1, onPolicyKind: 'jsd' };
const SAMPLED: Terms = { ...NOTHING, onPolicy: 1, onPolicyKind: 'sampled' };
const REVERSE: Terms = { ...NOTHING, onPolicy: 1, onPolicyKind: 'reverse' };

const BASE: Omit<Arm, 'name' | 'withText' | 'withoutText'> = {
  withAnswer: null,
  context: EVERYTHING,
  teacher: 'frozen',
  teacherRate: 0,
  sampler: 'student',
  anchor: 4,
  learningRate: 2e-3,
};

function arm(name: string, withText: Terms, withoutText: Terms, rest: Partial<Arm> = {}): Arm {
  return { ...BASE, name, withText, withoutText, ...rest };
}

const sdpo = { anchor: 0.3, learningRate: 1e-3 };

/**
 * Every arm of the benchmark. 'default' is what the product does: cross-entropy with a strong anchor where the
 * developer's text is known, forward KL from the teacher that reads the feedback where there is none to copy.
 */
export const ARMS: Record<string, Arm> = Object.fromEntries(
  [
    arm('default', TEXT, FORWARD, { sampler: 'teacher', withAnswer: TEXT }),
    arm('default-shuffled', TEXT, FORWARD, { sampler: 'teacher', withAnswer: TEXT, shuffled: true }),
    arm('answers-tested', TEXT, NOTHING, { withAnswer: TEXT, tested: true }),
    arm('answers-mix', TEXT, FORWARD, { sampler: 'teacher', withAnswer: { ...TEXT, onPolicy: 0.5 } }),
    arm('teacher-samples', TEXT, FORWARD, { sampler: 'teacher' }),
    arm('none', NOTHING, NOTHING),
    arm('sft', TEXT, NOTHING, { anchor: 0 }),
    arm('sft-anchor', TEXT, NOTHING),
    arm('distil-kept', KEPT, NOTHING, { learningRate: 3e-3, anchor: 1 }),
    arm('mix', { ...TEXT, keptForward: 0.5 }, FORWARD),
    arm('mix-on-policy', { ...TEXT, onPolicy: 0.5 }, FORWARD, { anchor: 0.3, learningRate: 2e-3 }),
    arm('sdpo', REVERSE, REVERSE, sdpo),
    arm('sdpo-forward', FORWARD, FORWARD, sdpo),
    arm('sdpo-jsd', JSD, JSD, sdpo),
    arm('sdpo-sampled', SAMPLED, SAMPLED, sdpo),
    arm('sdpo-both', FORWARD, FORWARD, { ...sdpo, sampler: 'both' }),
    arm('sdpo-teacher', FORWARD, FORWARD, { ...sdpo, sampler: 'teacher' }),
    arm('sdpo-output', FORWARD, FORWARD, {
      ...sdpo,
      context: { solution: false, output: true, words: false },
    }),
    arm('sdpo-solution', FORWARD, FORWARD, {
      ...sdpo,
      context: { solution: true, output: false, words: false },
    }),
    arm('sdpo-attempt', FORWARD, FORWARD, { ...sdpo, context: { ...EVERYTHING, attempt: true } }),
    arm('sdpo-shuffled', FORWARD, FORWARD, { ...sdpo, shuffled: true }),
    arm('sdpo-ema', FORWARD, FORWARD, { ...sdpo, teacher: 'ema', teacherRate: 0.1 }),
    arm('sdpo-trust', FORWARD, FORWARD, { ...sdpo, teacher: 'trust', teacherRate: 0.1 }),
    arm('sdpo-live', FORWARD, FORWARD, { ...sdpo, teacher: 'live' }),
    arm('sdft', REVERSE, NOTHING, { ...sdpo, context: { solution: true, output: false, words: false } }),
    arm('words', FORWARD, FORWARD, { ...sdpo, context: { solution: false, output: false, words: true } }),
    arm('sft-then-sdpo', REVERSE, REVERSE, { ...sdpo, warmStart: 20 }),
    arm('grpo', NOTHING, NOTHING, { grpo: true }),
    arm('hybrid', SAMPLED, SAMPLED, { ...sdpo, grpo: true, hybrid: 0.5 }),
  ].map((one) => [one.name, one]),
);

/** @throws Error naming the arms there are */
export function armNamed(name: string): Arm {
  const found = ARMS[name];
  if (!found) throw new Error(`There is no arm "${name}". Choose from: ${Object.keys(ARMS).join(', ')}.`);
  return found;
}

/** Rounds without a known text: more steps gained nothing. */
const STEPS_WITHOUT_TEXT = 60;
/** A few known texts need as many steps as many do (60 were too few for four); beyond 120 nothing was gained. */
const LEAST_STEPS = 100;
const MOST_STEPS = 120;
const STEPS_PER_TEXT = 3;

/**
 * Settings of a round for the embedded model's size (method, "Defaults").
 * @param texts new corrections of the round whose text is known; the teacher's answers gain nothing from more steps
 */
export function roundOptions(maxSeconds: number, texts = 0): RoundOptions {
  return {
    rank: 16,
    alpha: 32,
    maxSteps: stepsFor(texts),
    maxSeconds,
    warmupSteps: 5,
    eventsPerStep: 8,
    replayPerStep: 4,
    replayTokens: 128,
    promptTokens: 160,
    feedbackTokens: 160,
    responseTokens: 64,
    samplesPerEvent: 2,
    answerSamples: 8,
    answersKept: 2,
    refreshSteps: 10,
    temperature: 0.8,
    reverseTokenClip: null,
    topK: 20,
    renameShare: null,
    weightDecay: 0.01,
    maxGradNorm: 1,
    seed: 1,
  };
}

function stepsFor(texts: number): number {
  if (texts === 0) return STEPS_WITHOUT_TEXT;
  return Math.min(MOST_STEPS, Math.max(LEAST_STEPS, STEPS_PER_TEXT * texts));
}
