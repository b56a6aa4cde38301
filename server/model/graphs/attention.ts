/** Two ways to attend: over a whole right-padded batch in plain differentiable operators, and over a key-value cache. */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import { floats, type RuntimeTensor } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import { rotaryTables } from '../architectures/rope';
import { causalAttention } from './causal-attention';
import { type Attention, rotate } from './rotary';

/**
 * Causal attention over ids [batch, time]. Rows are padded on the right, so that a causal mask alone keeps padding from
 * every real position. Sequences have `leastTime` positions or more. Declares the inputs that `fullAttentionFeeds` makes.
 * @param keep told the rotated keys and the values of each layer, [batch, keyValueHeads, time, headDim]
 */
export function fullAttention(
  g: GraphBuilder,
  c: ModelConfig,
  ids: Value,
  keep?: (layer: number, key: Value, value: Value) => void,
): Attention {
  const half = c.headDim / 2;
  const cos = g.input('cos', 'float32', ['time', half]);
  const sin = g.input('sin', 'float32', ['time', half]);
  // 1/√headDim goes into the queries' rotation, where it costs nothing.
  const scale = g.float(1 / Math.sqrt(c.headDim));
  const [scaledCos, scaledSin] = [g.mul(cos, scale), g.mul(sin, scale)];
  const masks = new Map<number | null, Value>();
  for (const window of new Set(c.windows)) {
    masks.set(window, g.input(maskName(window), 'float32', ['time', 'time']));
  }
  const shape = g.shapeOf(ids);
  const split = (x: Value, heads: number) => {
    const target = g.concat([shape, g.ints(heads, c.headDim)], 0);
    return g.transpose(g.reshapeTo(x, target, ['batch', 'time', heads, c.headDim]), [0, 2, 1, 3]);
  };
  return (layer, { q, k, v }) => {
    const query = rotate(g, split(q, c.heads), scaledCos, scaledSin);
    const key = rotate(g, split(k, c.keyValueHeads), cos, sin);
    const value = split(v, c.keyValueHeads);
    keep?.(layer, key, value);
    const mixed = causalAttention(g, c, { query, key, value, mask: masks.get(c.windows[layer]!)! });
    return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['tokens', c.heads * c.headDim]);
  };
}

export const maskName = (window: number | null) => (window === null ? 'mask' : `mask_${window}`);

/** Tables and masks for sequences of `time` tokens. */
export function fullAttentionFeeds(c: ModelConfig, time: number): Record<string, RuntimeTensor> {
  const { cos, sin } = rotaryTables(c.rope, time);
  const half = c.headDim / 2;
  const feeds: Record<string, RuntimeTensor> = {
    cos: floats(cos, [time, half]),
    sin: floats(sin, [time, half]),
  };
  for (const window of new Set(c.windows)) {
    const mask = new Float32Array(time * time).fill(-1e9);
    for (let t = 0; t < time; t++) {
      const first = window === null ? 0 : Math.max(0, t - window + 1);
      mask.fill(0, t * time + first, t * time + t + 1);
    }
    feeds[maskName(window)] = floats(mask, [time, time]);
  }
  return feeds;
}

/** The fused operator rotates by itself only where half a head is a multiple of 8. */
export const rotatesInside = (c: ModelConfig) => c.headDim % 16 === 0;

/** A head's width in the cache: the fused operator takes multiples of 8 only, so other heads end in zeros. */
export const cachedHeadDim = (c: ModelConfig) => Math.ceil(c.headDim / 8) * 8;

/**
 * Causal attention of `time` new tokens after those in a cache of fixed capacity, [batch, keyValueHeads, capacity, width]
 * for keys and values of each layer. Present and past are the same memory, so going back is only a smaller length.
 * Inputs: `past_lengths` + time − 1 as `last` [batch] int32, `total` int32, tables `cos` and `sin` [positions, headDim/2].
 */
export function cachedAttention(g: GraphBuilder, c: ModelConfig, ids: Value): Attention {
  const half = c.headDim / 2;
  const width = cachedHeadDim(c);
  const last = g.input('last', 'int32', ['batch']);
  const total = g.input('total', 'int32', []);
  const cos = g.input('cos', 'float32', ['positions', half]);
  const sin = g.input('sin', 'float32', ['positions', half]);
  const inside = rotatesInside(c);
  const position = inside ? undefined : g.input('position', 'int64', ['batch', 'time']);
  const shape = g.shapeOf(ids);
  const table = (t: Value) => g.unsqueeze(g.gather(t, position!), 2);
  const [rowCos, rowSin] = inside ? [undefined, undefined] : [table(cos), table(sin)];
  const rows = (x: Value, columns: number) =>
    g.reshapeTo(x, g.concat([shape, g.ints(columns)], 0), ['batch', 'time', columns]);
  const split = (x: Value, heads: number, columns: number) =>
    g.reshapeTo(x, g.concat([shape, g.ints(heads, columns)], 0), ['batch', 'time', heads, columns]);
  const widen = (x: Value, heads: number) => {
    if (width === c.headDim) return rows(x, heads * width);
    const pads = g.ints(0, 0, 0, 0, 0, 0, 0, width - c.headDim);
    const outputs = [{ type: 'float32' as const, shape: ['batch', 'time', heads, width] }];
    return rows(g.node('Pad', [x, pads], outputs)[0]!, heads * width);
  };
  const turn = (x: Value, heads: number) =>
    rowCos ? widen(rotate(g, split(x, heads, c.headDim), rowCos, rowSin!), heads) : rows(x, heads * width);
  const plain = (x: Value, heads: number) =>
    width === c.headDim ? rows(x, heads * width) : widen(split(x, heads, c.headDim), heads);
  return (layer, { q, k, v }) => {
    const cache = ['batch', c.keyValueHeads, 'capacity', width];
    const pastKey = g.input(`past_key_${layer}`, 'float32', cache);
    const pastValue = g.input(`past_value_${layer}`, 'float32', cache);
    const inputs = [turn(q, c.heads), turn(k, c.keyValueHeads), plain(v, c.keyValueHeads)];
    const [out, key, value] = g.node(
      'GroupQueryAttention',
      [...inputs, pastKey, pastValue, last, total, ...(inside ? [cos, sin] : [])],
      [
        { type: 'float32', shape: ['batch', 'time', c.heads * width] },
        { type: 'float32', shape: cache },
        { type: 'float32', shape: cache },
      ],
      {
        num_heads: c.heads,
        kv_num_heads: c.keyValueHeads,
        scale: { float: 1 / Math.sqrt(c.headDim) },
        do_rotary: inside ? 1 : 0,
        local_window_size: c.windows[layer] ?? -1,
      },
      'com.microsoft',
    );
    g.output(`present_key_${layer}`, key!);
    g.output(`present_value_${layer}`, value!);
    if (width === c.headDim) return g.reshape(out!, ['tokens', c.heads * width]);
    const narrow = g.slice(split(out!, c.heads, width), 3, 0, c.headDim, c.headDim);
    return g.reshape(narrow, ['tokens', c.heads * c.headDim]);
  };
}
