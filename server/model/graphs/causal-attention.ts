/** softmax(Q·Kᵀ + mask)·V of causal attention, with a gradient of its own, in runs that leave out most of what the mask hides. */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import type { ModelConfig } from '../architectures/config';

/** The positions are cut into so many runs; each looks only at the keys up to its own end: 5/8 of the work of one run. */
const runs = 4;

/** Sequences are padded to this many positions, so that no run is empty. */
export const leastTime = runs;

interface Inputs {
  /** [batch, heads, time, headDim], scaled. */
  query: Value;
  /** [batch, keyValueHeads, time, headDim]. */
  key: Value;
  value: Value;
  /** Added to the scores, [time, time]: very negative where a position may not look. */
  mask: Value;
}

/** What the gradient takes from the forward pass of one run. */
interface Run {
  query: Value;
  key: Value;
  value: Value;
  weights: Value;
  out: Value;
}

/** @returns [batch, heads, time, headDim] */
export function causalAttention(g: GraphBuilder, c: ModelConfig, inputs: Inputs): Value {
  const { query, key, value, mask } = inputs;
  const { heads, keyValueHeads, headDim } = c;
  const time = g.shapeOf(mask, 0, 1);
  const bounds = Array.from({ length: runs + 1 }, (_, i) =>
    i === 0 ? g.ints(0) : i === runs ? time : g.div(g.mul(time, g.ints(i)), g.ints(runs)),
  );
  const made: Run[] = [];
  /** Positions of one run with the query heads of a key-value head one after the other. */
  const rowsOf = (x: Value, i: number) =>
    g.reshape(g.sliceBetween(x, 2, bounds[i]!, bounds[i + 1]!, `run_${i}`), [
      'batch',
      keyValueHeads,
      `group_run_${i}`,
      headDim,
    ]);
  const until = (x: Value, i: number) =>
    i === runs - 1 ? x : g.sliceBetween(x, 2, bounds[0]!, bounds[i + 1]!, `keys_${i}`);
  const joined = (parts: Value[]) =>
    g.concat(
      parts.map((x, i) => g.reshape(x, ['batch', heads, `run_${i}`, headDim])),
      2,
      'time',
    );

  const forward = (i: number): Run => {
    const [q, k, v] = [rowsOf(query, i), until(key, i), until(value, i)];
    const [first, end] = [bounds[i]!, bounds[i + 1]!];
    const keys = k.shape[2]!;
    const rows = g.sub(end, first);
    const hidden = g.sliceBetween(mask, 0, first, end, `run_${i}`);
    const seen = i === runs - 1 ? hidden : g.sliceBetween(hidden, 1, bounds[0]!, end, keys);
    const target = g.concat([g.ints(0, keyValueHeads, heads / keyValueHeads), rows, end], 0);
    const shape = ['batch', keyValueHeads, heads / keyValueHeads, `run_${i}`, keys];
    const scores = g.reshapeTo(g.matmul(q, g.matrixTranspose(k)), target, shape);
    const flat = g.concat([g.ints(0, keyValueHeads, -1), end], 0);
    const weights = g.reshapeTo(g.softmax(g.add(scores, seen)), flat, [
      'batch',
      keyValueHeads,
      `group_run_${i}`,
      keys,
    ]);
    return { query: q, key: k, value: v, weights, out: g.matmul(weights, v) };
  };

  /**
   * With P the weights and O their mix: dS = P∘(dO·Vᵀ − rowsum(dO∘O)). The inner sum of the softmax's gradient is taken
   * over headDim columns so, and not over one for each key.
   */
  const backward = (dOut: Value, run: Run, i: number) => {
    const d = rowsOf(dOut, i);
    const inner = g.reduceSum(g.mul(d, run.out), -1);
    const dScores = g.mul(run.weights, g.sub(g.matmul(d, g.matrixTranspose(run.value)), inner));
    return {
      query: g.matmul(dScores, run.key),
      key: padded(g.matmul(g.matrixTranspose(dScores), run.query), i),
      value: padded(g.matmul(g.matrixTranspose(run.weights), d), i),
    };
  };

  /** Keys that a run does not see have no gradient from it. */
  const padded = (x: Value, i: number): Value => {
    if (i === runs - 1) return x;
    const pads = g.concat([g.ints(0, 0, 0, 0, 0, 0), g.sub(time, bounds[i + 1]!), g.ints(0)], 0);
    return g.one('Pad', [x, pads], ['batch', keyValueHeads, 'time', headDim]);
  };

  return g.block(
    [query, key, value],
    () => {
      for (let i = 0; i < runs; i++) made.push(forward(i));
      return joined(made.map((run) => run.out));
    },
    (dOut) => {
      const parts = made.map((run, i) => backward(dOut, run, i));
      const sum = (values: Value[]) => values.reduce((a, b) => g.add(a, b));
      return [
        joined(parts.map((p) => p.query)),
        sum(parts.map((p) => p.key)),
        sum(parts.map((p) => p.value)),
      ];
    },
  );
}
