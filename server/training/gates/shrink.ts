/**
 * Takes back a part of what was learned where it cost too much: forgetting grows with the square of ΔW near the base,
 * learning saturates, so a slightly smaller ΔW often keeps the lesson and passes the replay check.
 */
import { makeAdapter } from '../../model/adapter';
import type { Adapter } from '../../model/types';
import type { Decision } from '../types';
import { MOST_FORGETTING } from './promotion';

/** Shares of ΔW below the whole that are tried, by halving: each look costs the reading of ordinary code. */
const SCALES = [0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55];

/**
 * The adapter with a share of what this round changed in it. From the base model that is ΔW multiplied by `factor`; from
 * an earlier round's adapter a point between the factors of the two, so that earlier lessons keep their size.
 *
 * @param start the adapter that the round began with; null is the base model
 */
export function scaleAdapter(adapter: Adapter, factor: number, start: Adapter | null = null): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const [name, { shape, data }] of adapter.tensors) {
    const before = start?.tensors.get(name)?.data;
    if (before?.length === data.length) {
      tensors.set(name, { shape, data: data.map((value, i) => before[i]! + factor * (value - before[i]!)) });
    } else {
      tensors.set(name, {
        shape,
        data: name.includes('lora_B') ? data.map((value) => value * factor) : data,
      });
    }
  }
  const { hash: _hash, ...rest } = adapter;
  return makeAdapter({ ...rest, tensors });
}

/**
 * The largest scale at which ordinary code is forgotten within the limit; the smallest where none is. What is forgotten is
 * taken to grow with the scale.
 * @param bitsBefore bits per byte before the round; null where it could not be measured, and then nothing is scaled
 * @param start the adapter that the round began with; null is the base model
 */
export async function shrinkToFit(
  adapter: Adapter,
  bitsBefore: number | null,
  measure: (adapter: Adapter) => Promise<number | null>,
  start: Adapter | null = null,
): Promise<{ adapter: Adapter; bitsAfter: number | null; decisions: Decision[] }> {
  const fits = (bits: number | null) =>
    bitsBefore === null || bits === null || bits / bitsBefore - 1 <= MOST_FORGETTING;
  const whole = await measure(adapter);
  if (fits(whole)) return { adapter, bitsAfter: whole, decisions: [] };
  const at = async (index: number) => {
    const scale = SCALES[index]!;
    const candidate = scaleAdapter(adapter, scale, start);
    return { scale, candidate, bits: await measure(candidate) };
  };
  let best = await at(SCALES.length - 1);
  // The largest one that fits lies in low…high, where the smallest does.
  let [low, high] = fits(best.bits) ? [0, SCALES.length - 1] : [0, 0];
  while (low < high) {
    const middle = (low + high) >> 1;
    const tried = await at(middle);
    if (fits(tried.bits)) {
      best = tried;
      high = middle;
    } else low = middle + 1;
  }
  const { scale, candidate, bits } = best;
  const note = `The change to the weights was reduced to ${Math.round(100 * scale)} %, since all of it forgot too much.`;
  const decision = { name: 'shrink', passed: fits(bits), value: scale, threshold: null, note };
  return { adapter: candidate, bitsAfter: bits, decisions: [decision] };
}
