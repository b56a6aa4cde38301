/** Choosing the next token from its logits. */

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32): the same seed gives the same text on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface SamplerOptions {
  /** 0 is greedy. */
  temperature?: number;
  /** Keep the smallest set of tokens whose probability reaches this; 1 keeps all. */
  topP?: number;
  bannedIds?: readonly number[];
  random: () => number;
}

/**
 * @param logits one row, [vocabulary]; not changed
 * @returns the token and its log-probability at temperature 1 under the model's full distribution
 */
export function sample(logits: Float32Array, options: SamplerOptions): { id: number; logProb: number } {
  const { temperature = 0, topP = 1, bannedIds = [], random } = options;
  const normaliser = logSumExp(logits);
  let choices = logits;
  if (bannedIds.length) {
    choices = logits.slice();
    for (const id of bannedIds) choices[id] = Number.NEGATIVE_INFINITY;
  }
  const id = temperature > 0 ? draw(choices, temperature, topP, random) : argmax(choices);
  return { id, logProb: logits[id]! - normaliser };
}

/** Index of the largest entry, the first of equals. */
export function argmax(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if (row[i]! > row[best]!) best = i;
  return best;
}

export function logSumExp(row: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < row.length; i++) if (row[i]! > max) max = row[i]!;
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += Math.exp(row[i]! - max);
  return max + Math.log(sum);
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
