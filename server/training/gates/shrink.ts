/**
 * Takes back a part of what was learned where it cost too much: forgetting grows with the square of ΔW near the base,
 * learning saturates, so a slightly smaller ΔW often keeps the lesson and passes the replay check.
 */
import { makeAdapter } from '../../model/adapter';
import type { Adapter } from '../../model/types';
import type { Decision } from '../types';
import { MOST_FORGETTING } from './promotion';

/** Shares of ΔW that are tried in turn. */
const SCALES = [1, 0.85, 0.7, 0.55];

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
 * The largest scale at which ordinary code is forgotten within the limit; the smallest tried where none is.
 * @param bitsBefore bits per byte before the round; null where it could not be measured, and then nothing is scaled
 * @param start the adapter that the round began with; null is the base model
 */
export async function shrinkToFit(
  adapter: Adapter,
  bitsBefore: number | null,
  measure: (adapter: Adapter) => Promise<number | null>,
  start: Adapter | null = null,
): Promise<{ adapter: Adapter; bitsAfter: number | null; decisions: Decision[] }> {
  let candidate = adapter;
  let bitsAfter: number | null = null;
  for (const scale of SCALES) {
    candidate = scale === 1 ? adapter : scaleAdapter(adapter, scale, start);
    bitsAfter = await measure(candidate);
    const fits = bitsBefore === null || bitsAfter === null || bitsAfter / bitsBefore - 1 <= MOST_FORGETTING;
    if (!fits && scale !== SCALES.at(-1)) continue;
    if (scale === 1) break;
    const note = `The change to the weights was reduced to ${100 * scale} %, since all of it forgot too much.`;
    return {
      adapter: candidate,
      bitsAfter,
      decisions: [{ name: 'shrink', passed: fits, value: scale, threshold: null, note }],
    };
  }
  return { adapter: candidate, bitsAfter, decisions: [] };
}
