/** Choosing the next token from its logits. */
import { argmax, logSumExp, topIds } from '../../base/logits';
import type { Alternative } from '../types';

export interface SamplerOptions {
  /** 0 is greedy. */
  temperature?: number;
  /** Keep the smallest set of tokens whose probability reaches this; 1 keeps all. */
  topP?: number;
  bannedIds?: readonly number[];
  /** Only these may be taken; any where it is missing. */
  allowedIds?: readonly number[];
  /** How many of the likeliest that were not taken are told. */
  alternatives?: number;
  random: () => number;
}

/**
 * @param logits one row, [vocabulary]; not changed
 * @returns the token and its log-probability at temperature 1 under the model's full distribution, and others with theirs
 */
export function sample(
  logits: Float32Array,
  options: SamplerOptions,
): Alternative & { others: Alternative[] } {
  const { temperature = 0, topP = 1, bannedIds = [], allowedIds, random } = options;
  const normaliser = logSumExp(logits);
  let choices = logits;
  if (allowedIds) {
    choices = new Float32Array(logits.length).fill(Number.NEGATIVE_INFINITY);
    for (const id of allowedIds) choices[id] = logits[id]!;
  }
  if (bannedIds.length) {
    if (choices === logits) choices = logits.slice();
    for (const id of bannedIds) choices[id] = Number.NEGATIVE_INFINITY;
  }
  const id = temperature > 0 ? draw(choices, temperature, topP, random) : argmax(choices);
  const told = (id: number): Alternative => ({ id, logProb: logits[id]! - normaliser });
  const { alternatives = 0 } = options;
  const others =
    alternatives > 0
      ? topIds(choices, alternatives + 1).filter((other) => other !== id && choices[other]! > -Infinity)
      : [];
  return { ...told(id), others: others.slice(0, alternatives).map(told) };
}

function draw(logits: Float32Array, temperature: number, topP: number, random: () => number): number {
  const max = logits[argmax(logits)]!;
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let i = 0; i < logits.length; i++) {
    weights[i] = Math.exp((logits[i]! - max) / temperature);
    total += weights[i]!;
  }
  if (topP >= 1) return pick(weights, undefined, total * random());
  const order = Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  order.sort((a, b) => weights[b]! - weights[a]!);
  let kept = 0;
  let n = 0;
  while (n < order.length && (n === 0 || kept < topP * total)) kept += weights[order[n++]!]!;
  return pick(weights, order.slice(0, n), kept * random());
}

/** The first entry at which the running sum passes `point`. */
function pick(weights: Float64Array, order: readonly number[] | undefined, point: number): number {
  const n = order?.length ?? weights.length;
  let sum = 0;
  let last = 0;
  for (let j = 0; j < n; j++) {
    const i = order ? order[j]! : j;
    if (weights[i]! > 0) last = i;
    sum += weights[i]!;
    if (sum > point) return i;
  }
  return last;
}
