/** What every way to attend shares: its shape, and the rotation of queries and keys by their position. */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';

/** Queries [tokens, heads·headDim], keys and values [tokens, keyValueHeads·headDim] → [tokens, heads·headDim]. */
export type Attention = (layer: number, heads: { q: Value; k: Value; v: Value }) => Value;

/**
 * Rotates pairs (i, i + headDim/2) of the last axis by the position's angle.
 * Tables hold headDim/2 columns and must broadcast to x.
 */
export function rotate(g: GraphBuilder, x: Value, cos: Value, sin: Value): Value {
  const half = (x.shape.at(-1) as number) / 2;
  const [a, b] = g.split(x, -1, [half, half]) as [Value, Value];
  return g.concat([g.sub(g.mul(a, cos), g.mul(b, sin)), g.add(g.mul(b, cos), g.mul(a, sin))], -1);
}
