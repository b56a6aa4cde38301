/**
 * The objectives that the benchmark compares; to add one, write its record into the list. What the product does is among
 * them.
 */
import { EVERYTHING } from '../../learning/contexts';
import { byDefault } from '../../training/objectives/default';
import { COPY, FORWARD, NOTHING } from '../../training/objectives/terms';
import type { Terms } from '../../training/types';
import type { Experiment } from './experiment';

const KEPT: Terms = { ...NOTHING, keptForward: 1 };
const JSD: Terms = { ...NOTHING, onPolicy: 1, onPolicyKind: 'jsd' };
const REVERSE: Terms = { ...NOTHING, onPolicy: 1, onPolicyKind: 'reverse' };

/** What of the feedback the teacher reads. */
const ONLY_SOLUTION = { solution: true, output: false, words: false };
const ONLY_OUTPUT = { solution: false, output: true, words: false };
const ONLY_WORDS = { solution: false, output: false, words: true };

/** Self-distillation as it was published, but for the direction, which each record says. */
const sdpo: Omit<Experiment, 'name' | 'withText' | 'withoutText'> = {
  withAnswer: null,
  context: EVERYTHING,
  anchor: 0.3,
  learningRate: 1e-3,
};
/** The product's, without asking the teacher for answers; samples are the student's. */
const plain = { ...byDefault, withAnswer: null };

export const EXPERIMENTS: readonly Experiment[] = [
  { ...byDefault, sampler: 'teacher' },
  { ...byDefault, name: 'default-shuffled', sampler: 'teacher', shuffled: true },
  { ...byDefault, name: 'answers-tested', withoutText: NOTHING, tested: true },
  { ...byDefault, name: 'answers-mix', withAnswer: { ...COPY, onPolicy: 0.5 }, sampler: 'teacher' },
  { ...plain, name: 'teacher-samples', sampler: 'teacher' },
  { ...plain, name: 'sft', withoutText: NOTHING, anchor: 0 },
  { ...plain, name: 'sft-anchor', withoutText: NOTHING },
  { ...plain, name: 'distil-kept', withText: KEPT, withoutText: NOTHING, learningRate: 3e-3, anchor: 1 },
  { ...plain, name: 'mix', withText: { ...COPY, keptForward: 0.5 } },
  { ...plain, name: 'mix-on-policy', withText: { ...COPY, onPolicy: 0.5 }, anchor: 0.3 },
  { ...sdpo, name: 'sdpo', withText: REVERSE, withoutText: REVERSE },
  { ...sdpo, name: 'sdpo-forward', withText: FORWARD, withoutText: FORWARD },
  { ...sdpo, name: 'sdpo-jsd', withText: JSD, withoutText: JSD },
  { ...sdpo, name: 'sdpo-sampled', withText: REVERSE, withoutText: REVERSE, sampled: true },
  { ...sdpo, name: 'sdpo-both', withText: FORWARD, withoutText: FORWARD, sampler: 'both' },
  { ...sdpo, name: 'sdpo-teacher', withText: FORWARD, withoutText: FORWARD, sampler: 'teacher' },
  { ...sdpo, name: 'sdpo-output', withText: FORWARD, withoutText: FORWARD, context: ONLY_OUTPUT },
  { ...sdpo, name: 'sdpo-solution', withText: FORWARD, withoutText: FORWARD, context: ONLY_SOLUTION },
  {
    ...sdpo,
    name: 'sdpo-attempt',
    withText: FORWARD,
    withoutText: FORWARD,
    context: { ...EVERYTHING, attempt: true },
  },
  { ...sdpo, name: 'sdpo-shuffled', withText: FORWARD, withoutText: FORWARD, shuffled: true },
  { ...sdpo, name: 'sdpo-ema', withText: FORWARD, withoutText: FORWARD, teacher: 'ema', teacherRate: 0.1 },
  {
    ...sdpo,
    name: 'sdpo-trust',
    withText: FORWARD,
    withoutText: FORWARD,
    teacher: 'trust',
    teacherRate: 0.1,
  },
  { ...sdpo, name: 'sdpo-live', withText: FORWARD, withoutText: FORWARD, teacher: 'live' },
  { ...sdpo, name: 'rule', withText: FORWARD, withoutText: FORWARD, sampler: 'teacher', ruled: true },
  {
    ...plain,
    name: 'rule-kept',
    withText: KEPT,
    withoutText: NOTHING,
    learningRate: 3e-3,
    anchor: 1,
    ruled: true,
  },
  { ...plain, name: 'rule-mix', withText: { ...COPY, onPolicy: 0.5 }, sampler: 'teacher', ruled: true },
  { ...sdpo, name: 'sdft', withText: REVERSE, withoutText: NOTHING, context: ONLY_SOLUTION },
  { ...sdpo, name: 'words', withText: FORWARD, withoutText: FORWARD, context: ONLY_WORDS },
  { ...sdpo, name: 'sft-then-sdpo', withText: REVERSE, withoutText: REVERSE, warmStart: 20 },
  { ...plain, name: 'grpo', withText: NOTHING, withoutText: NOTHING, grpo: true },
  {
    ...sdpo,
    name: 'hybrid',
    withText: REVERSE,
    withoutText: REVERSE,
    sampled: true,
    grpo: true,
    hybrid: 0.5,
  },
];
