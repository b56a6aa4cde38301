/**
 * Attention of a response's tokens to their prompt, whose keys and values were computed once and are constants, and to each
 * other. With a gradient of its own: the keys and values of the prompt have none.
 */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import { floats, type RuntimeTensor } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import { rotaryTables } from '../architectures/rope';
import { maskName } from './attention';
import { type Attention, rotate } from './rotary';

/**
 * Attention of `time` tokens of each row of a batch behind `past` positions of its prompt. Rows are padded on the right, in
 * both. Declares the inputs that `responseFeeds` makes, and for each layer of the span the prompt's `past_key_LAYER` and
 * `past_value_LAYER`, float16 [batch, keyValueHeads, past, headDim], the keys rotated.
 */
export function responseAttention(g: GraphBuilder, c: ModelConfig): Attention {
  const { heads, keyValueHeads, headDim } = c;
  const group = heads / keyValueHeads;
  const cos = g.input('cos', 'float32', ['batch', 1, 'time', headDim / 2]);
  const sin = g.input('sin', 'float32', ['batch', 1, 'time', headDim / 2]);
  const scale = g.float(1 / Math.sqrt(headDim));
  const [scaledCos, scaledSin] = [g.mul(cos, scale), g.mul(sin, scale)];
  const masks = new Map<number | null, Value>();
  for (const window of new Set(c.windows))
    masks.set(window, g.input(maskName(window), 'float32', ['batch', 1, 1, 'time', 'seen']));
  const shape = g.concat([g.shapeOf(cos, 0, 1), g.shapeOf(cos, 2, 3)], 0);
  const split = (x: Value, n: number) => {
    const target = g.concat([shape, g.ints(n, headDim)], 0);
    return g.transpose(g.reshapeTo(x, target, ['batch', 'time', n, headDim]), [0, 2, 1, 3]);
  };
  /** The query heads of a key-value head one after the other. */
  const grouped = (x: Value) => g.reshape(x, ['batch', keyValueHeads, 'group_rows', headDim]);
  return (layer, { q, k, v }) => {
    const past = (name: string) =>
      g.cast(
        g.input(`past_${name}_${layer}`, 'float16', ['batch', keyValueHeads, 'past', headDim]),
        'float32',
      );
    const [pastKey, pastValue] = [past('key'), past('value')];
    const query = rotate(g, split(q, heads), scaledCos, scaledSin);
    const key = rotate(g, split(k, keyValueHeads), cos, sin);
    const value = split(v, keyValueHeads);
    const mask = masks.get(c.windows[layer]!)!;
    let kept: { rows: Value; before: Value; own: Value; out: Value };
    const forward = () => {
      const rows = grouped(query);
      const product = (keys: Value) => g.matmul(rows, g.matrixTranspose(keys));
      const scores = g.concat([product(pastKey), product(key)], 3, 'seen');
      const seen = g.shapeOf(mask, 4, 5);
      const target = g.concat([g.ints(0, keyValueHeads, group, -1), seen], 0);
      const whole = g.reshapeTo(scores, target, ['batch', keyValueHeads, group, 'time', 'seen']);
      const flat = g.concat([g.ints(0, keyValueHeads, -1), seen], 0);
      const weights = g.reshapeTo(g.softmax(g.add(whole, mask)), flat, [
        'batch',
        keyValueHeads,
        'group_rows',
        'seen',
      ]);
      const border = g.shapeOf(pastKey, 2, 3);
      const before = g.sliceBetween(weights, 3, g.ints(0), border, 'past');
      const own = g.sliceBetween(weights, 3, border, seen, 'time');
      const out = g.add(g.matmul(before, pastValue), g.matmul(own, value));
      kept = { rows, before, own, out };
      return g.reshape(out, ['batch', heads, 'time', headDim]);
    };
    // With P the weights and O their mix: dS = P∘(dO·Vᵀ − rowsum(dO∘O)).
    const backward = (dOut: Value) => {
      const { rows, before, own, out } = kept;
      const d = grouped(dOut);
      const inner = g.reduceSum(g.mul(d, out), -1);
      const scores = (weights: Value, values: Value) =>
        g.mul(weights, g.sub(g.matmul(d, g.matrixTranspose(values)), inner));
      const dOwn = scores(own, value);
      const dRows = g.add(g.matmul(scores(before, pastValue), pastKey), g.matmul(dOwn, key));
      return [
        g.reshape(dRows, ['batch', heads, 'time', headDim]),
        g.matmul(g.matrixTranspose(dOwn), rows),
        g.matmul(g.matrixTranspose(own), d),
      ];
    };
    const mixed = g.block([query, key, value], forward, backward);
    return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), ['tokens', heads * headDim]);
  };
}

/**
 * Tables and masks for rows whose token number t stands at position `before[row] + t`, after so many tokens of the prompt.
 * @param past positions that the prompts are padded to
 * @param time tokens that the rows are padded to
 */
export function responseFeeds(
  c: ModelConfig,
  before: readonly number[],
  past: number,
  time: number,
): Record<string, RuntimeTensor> {
  const half = c.headDim / 2;
  const tables = rotaryTables(c.rope, Math.max(...before) + time);
  const batch = before.length;
  const table = (all: Float32Array) => {
    const out = new Float32Array(batch * time * half);
    for (const [row, first] of before.entries())
      out.set(all.subarray(first * half, (first + time) * half), row * time * half);
    return floats(out, [batch, 1, time, half]);
  };
  const feeds: Record<string, RuntimeTensor> = { cos: table(tables.cos), sin: table(tables.sin) };
  const seen = past + time;
  for (const window of new Set(c.windows)) {
    const mask = new Float32Array(batch * time * seen).fill(-1e9);
    for (const [row, first] of before.entries()) {
      for (let t = 0; t < time; t++) {
        const line = (row * time + t) * seen;
        const from = window === null ? 0 : Math.max(0, first + t - window + 1);
        if (from < first) mask.fill(0, line + from, line + first);
        mask.fill(0, line + past + Math.max(0, from - first), line + past + t + 1);
      }
    }
    feeds[maskName(window)] = floats(mask, [batch, 1, 1, time, seen]);
  }
  return feeds;
}
