/** Products with quantized weights, and their gradient for training an adapter above them. */
import { controlDependency } from '../../graph/gradients';
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import type { LinearModule } from '../architectures/linear-modules';
import type { QuantizedWeight } from '../files/weights';

/**
 * x [tokens, inputs] → x·Wᵀ [tokens, outputs].
 *
 * @param exact in float32. Otherwise the inputs are rounded to 8 bits too and the sums are of integers: much faster for
 * a single token, and off by about one part in a hundred, too much for gradients
 */
export function matmulNBits(
  g: GraphBuilder,
  x: Value,
  w: QuantizedWeight,
  module: LinearModule,
  exact: boolean,
): Value {
  const spec = { type: 'float32' as const, shape: [x.shape[0]!, module.outputs] };
  const attributes = {
    K: module.inputs,
    N: module.outputs,
    bits: w.bits,
    block_size: w.group,
    accuracy_level: exact ? 0 : 4,
  };
  const product = () =>
    g.node('MatMulNBits', [x, w.packed, w.scale], [spec], attributes, 'com.microsoft')[0]!;
  const y = g.block([x], product, (dy) => [g.gemm(dy, widened(g, w, module, dy))]);
  return w.minimum ? g.gemm(blockSums(g, x, w.group), w.minimum, { transB: true, c: y }) : y;
}

/** By the value and the size of a block: layers that read the same value share its sums. */
const knownSums = new WeakMap<Value, Map<number, Value>>();

/** The sums of x [tokens, inputs] over each block, [tokens, blocks]. */
function blockSums(g: GraphBuilder, x: Value, group: number): Value {
  let sums = knownSums.get(x);
  if (!sums) {
    sums = new Map();
    knownSums.set(x, sums);
  }
  const known = sums.get(group);
  if (known) return known;
  const blocks = (x.shape[1] as number) / group;
  const sum = g.reduceSum(g.reshape(x, [x.shape[0]!, blocks, group]), 2, false);
  sums.set(group, sum);
  return sum;
}

/** Rows `ids` [batch, time] of a quantised table, as float32 [tokens, width]. */
export function gatherNBits(g: GraphBuilder, w: QuantizedWeight, ids: Value): Value {
  const table = w.table();
  const width = (w.scale.shape[1] as number) * w.group;
  const spec = { type: 'float32' as const, shape: [...ids.shape, width] };
  const attributes = { bits: w.bits, block_size: w.group, gather_axis: 0, quantize_axis: 1 };
  const [rows] = g.node('GatherBlockQuantized', [table, ids, w.scale], [spec], attributes, 'com.microsoft');
  const flat = g.reshape(rows!, ['tokens', width]);
  if (!w.minimum) return flat;
  const blocks = width / w.group;
  const least = g.reshape(g.gather(w.minimum, ids), ['tokens', blocks, 1]);
  return g.reshape(g.add(g.reshape(flat, ['tokens', blocks, w.group]), least), ['tokens', width]);
}

/**
 * W [outputs, inputs] in float32, not before `dy` is known: the runtime would widen the weights of every layer ahead of
 * all else, and keep them.
 */
function widened(g: GraphBuilder, w: QuantizedWeight, m: LinearModule, dy: Value): Value {
  const rows = w.rows();
  const attributes = { axis: 1, block_size: w.group };
  const wide = g.one(
    'DequantizeLinear',
    [rows, controlDependency(g, w.scale, dy), w.zero()],
    rows.shape,
    attributes,
    'float32',
  );
  return rows.shape[1] === m.inputs ? wide : g.slice(wide, 1, 0, m.inputs, m.inputs);
}
