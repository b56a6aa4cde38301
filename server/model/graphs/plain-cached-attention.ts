/**
 * Attention over a key-value cache in plain operators, for every device but the CPU: there the fused operator is missing,
 * wants other types, or (WebGPU, 32 new tokens and more) gives wrong numbers. The cache is as long as its text.
 */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import { floats, longs, type RuntimeTensor } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import { maskName } from './attention';
import { type Attention, rotate } from './rotary';

/**
 * Causal attention of `time` new tokens after the first `past` of those in the cache, [batch, keyValueHeads, stored,
 * headDim] for keys and values of each layer. Declares the inputs that `plainCachedFeeds` makes.
 */
export function plainCachedAttention(g: GraphBuilder, c: ModelConfig, ids: Value): Attention {
  const { headDim, heads, keyValueHeads } = c;
  const past = g.input('past', 'int64', [1]);
  const cos = g.input('cos', 'float32', ['time', headDim / 2]);
  const sin = g.input('sin', 'float32', ['time', headDim / 2]);
  const scale = g.float(1 / Math.sqrt(headDim));
  const [scaledCos, scaledSin] = [g.mul(cos, scale), g.mul(sin, scale)];
  const masks = new Map(
    [...new Set(c.windows)].map((w) => [w, g.input(maskName(w), 'float32', ['time', 'total'])]),
  );
  const shape = g.shapeOf(ids);
  const split = (x: Value, n: number) => {
    const target = g.concat([shape, g.ints(n, headDim)], 0);
    return g.transpose(g.reshapeTo(x, target, ['batch', 'time', n, headDim]), [0, 2, 1, 3]);
  };
  const group = heads / keyValueHeads;
  return (layer, { q, k, v }) => {
    const joined = (name: string, fresh: Value) => {
      const stored = g.input(`past_${name}_${layer}`, 'float32', ['batch', keyValueHeads, 'stored', headDim]);
      const kept = g.sliceBetween(stored, 2, g.ints(0), past, 'kept');
      return g.output(`present_${name}_${layer}`, g.concat([kept, fresh], 2, 'total'));
    };
    const key = joined('key', rotate(g, split(k, keyValueHeads), cos, sin));
    const value = joined('value', split(v, keyValueHeads));
    const query = rotate(g, split(q, heads), scaledCos, scaledSin);
    // The query heads of a key-value head stand one after the other.
    const rows = g.reshape(query, ['batch', keyValueHeads, 'rows_of_group', headDim]);
    const total = g.shapeOf(key, 2, 3);
    const whole = g.concat([g.ints(0, keyValueHeads, group, -1), total], 0);
    const scores = g.reshapeTo(g.matmul(rows, g.matrixTranspose(key)), whole, [
      'batch',
      keyValueHeads,
      group,
      'time',
      'total',
    ]);
    const flat = g.concat([g.ints(0, keyValueHeads, -1), total], 0);
    const seen = g.softmax(g.add(scores, masks.get(c.windows[layer]!)!));
    const weights = g.reshapeTo(seen, flat, ['batch', keyValueHeads, 'rows_of_group', 'total']);
    const mixed = g.reshape(g.matmul(weights, value), ['batch', heads, 'time', headDim]);
    return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['tokens', heads * headDim]);
  };
}

/** @param tables cosines and sines of positions from 0 on, [positions, headDim / 2] */
export function plainCachedFeeds(
  c: ModelConfig,
  past: number,
  time: number,
  tables: { cos: Float32Array; sin: Float32Array },
): Record<string, RuntimeTensor> {
  const half = c.headDim / 2;
  const rows = (table: Float32Array) => floats(table.slice(past * half, (past + time) * half), [time, half]);
  const feeds: Record<string, RuntimeTensor> = {
    past: longs([past]),
    cos: rows(tables.cos),
    sin: rows(tables.sin),
  };
  const total = past + time;
  for (const window of new Set(c.windows)) {
    const mask = new Float32Array(time * total).fill(-1e9);
    for (let t = 0; t < time; t++) {
      const first = window === null ? 0 : Math.max(0, past + t - window + 1);
      mask.fill(0, t * total + first, t * total + past + t + 1);
    }
    feeds[maskName(window)] = floats(mask, [time, total]);
  }
  return feeds;
}
