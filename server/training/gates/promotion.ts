/** Whether a trained adapter may be used: it must have got better where it was not trained, and not worse elsewhere. */

import { random } from '../../base/random';
import type { Decision, Score } from '../types';
import { MOST_LENGTH_CHANGE } from './gates';

/** Fewer held-out events than this prove nothing. */
export const LEAST_HELD_OUT = 4;
/** Largest loss on ordinary code, as a share. */
export const MOST_FORGETTING = 0.01;
/** Largest loss against the base model: many rounds may not add up to what one may not do. */
const MOST_FORGETTING_IN_ALL = 0.03;

export interface Evidence {
  heldOut: Score[];
  /** What they share with no trained correction: 'file', or 'file and commit'. */
  heldOutBy?: string | null;
  bitsBefore: number | null;
  bitsAfter: number | null;
  /** Of the base model; null where the round began with it. */
  bitsBase: number | null;
  /** Mean length of greedy completions of ordinary code, in tokens. */
  lengthBefore: number | null;
  lengthAfter: number | null;
  /** A sentence of the leak check, null where nothing leaked. */
  leak: string | null;
}

export interface Verdict {
  state: 'promoted' | 'kept-insufficient-evidence' | 'rejected';
  message: string;
  decisions: Decision[];
}

/**
 * Lower bound of the mean difference by paired bootstrap, one-sided 95 %.
 * @param differences after − before, one per held-out event
 */
export function bootstrapLowerBound(differences: readonly number[], draws = 2000, seed = 1): number {
  if (differences.length === 0) return -Infinity;
  const source = random(seed);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) sum += differences[source.below(differences.length)]!;
    return sum / differences.length;
  }).sort((a, b) => a - b);
  return means[Math.floor(draws * 0.05)]!;
}

/** Judges a finished round. A rejected adapter is never used: completions stay as they were, bit for bit. */
export function judge(evidence: Evidence): Verdict {
  const decisions: Decision[] = [];
  const add = (
    name: string,
    passed: boolean,
    value: number | null,
    threshold: number | null,
    note: string,
  ) => {
    decisions.push({ name, passed, value, threshold, note });
    return passed;
  };

  const { bitsBefore, bitsAfter } = evidence;
  const measured = bitsBefore !== null && bitsAfter !== null && bitsBefore > 0;
  const loss = measured ? bitsAfter / bitsBefore - 1 : null;
  const remembers = add(
    'replay',
    loss !== null && loss <= MOST_FORGETTING,
    loss,
    MOST_FORGETTING,
    loss === null
      ? 'There was no ordinary code to measure forgetting on.'
      : `Bits per byte on ordinary code: ${bitsBefore!.toFixed(4)} before, ${bitsAfter!.toFixed(4)} after.`,
  );

  const { bitsBase } = evidence;
  const inAll = bitsBase && bitsAfter !== null ? bitsAfter / bitsBase - 1 : null;
  const bounded =
    inAll === null ||
    add(
      'replay since the base',
      inAll <= MOST_FORGETTING_IN_ALL,
      inAll,
      MOST_FORGETTING_IN_ALL,
      `Bits per byte on ordinary code: ${bitsBase!.toFixed(4)} with the base model, ${bitsAfter!.toFixed(4)} now.`,
    );

  const { lengthBefore, lengthAfter } = evidence;
  const change = lengthBefore && lengthAfter !== null ? Math.abs(lengthAfter / lengthBefore - 1) : null;
  const sameLength = add(
    'length',
    change === null || change <= MOST_LENGTH_CHANGE,
    change,
    MOST_LENGTH_CHANGE,
    change === null
      ? 'Not measured.'
      : `Completions of ordinary code: ${lengthBefore!.toFixed(1)} tokens before, ${lengthAfter!.toFixed(1)} after.`,
  );

  const clean = add(
    'leak',
    evidence.leak === null,
    null,
    null,
    evidence.leak ?? 'No feedback text in completions.',
  );

  const differences = evidence.heldOut.map((score) => score.after - score.before);
  const apart = evidence.heldOutBy ? ` that share no ${evidence.heldOutBy} with the trained ones` : '';
  const enough = differences.length >= LEAST_HELD_OUT;
  const bound = differences.length > 0 ? bootstrapLowerBound(differences) : null;
  const better = add(
    'held-out',
    enough && bound! > 0,
    bound,
    0,
    enough
      ? `${differences.length} held-out corrections${apart}; lower bound (paired bootstrap, 95 %) of the gain in nats a token.`
      : `Insufficient evidence: ${differences.length} held-out corrections, ${LEAST_HELD_OUT} are needed.`,
  );

  if (!remembers) {
    const why =
      loss === null
        ? 'forgetting could not be measured'
        : `it forgets ${(100 * loss).toFixed(1)} % on ordinary code`;
    return { state: 'rejected', message: `Not used: ${why}.`, decisions };
  }
  if (!bounded) {
    return {
      state: 'rejected',
      message: 'Not used: the rounds together forget too much on ordinary code.',
      decisions,
    };
  }
  if (!sameLength)
    return { state: 'rejected', message: 'Not used: completions changed their length.', decisions };
  if (!clean) return { state: 'rejected', message: `Not used: ${evidence.leak}`, decisions };
  if (!enough) {
    return {
      state: 'kept-insufficient-evidence',
      message: 'Kept on insufficient evidence: too few held-out corrections, but ordinary code is as before.',
      decisions,
    };
  }
  return better
    ? {
        state: 'promoted',
        message: `In use: held-out corrections gain ${bound!.toFixed(2)} nats a token or more.`,
        decisions,
      }
    : { state: 'rejected', message: 'Not used: held-out corrections do not gain.', decisions };
}
