/** Products with weights in few bits, and their gradient for training an adapter above them. */
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
    block_size: 32,
    accuracy_level: exact ? 0 : 4,
  };
  const product = () =>
    g.node('MatMulNBits', [x, w.packed, w.scale], [spec], attributes, 'com.microsoft')[0]!;
  return g.block([x], product, (dy) => [g.gemm(dy, widened(g, w, module, dy))]);
}

/**
 * W [outputs, inputs] in float32, not before `dy` is known: the runtime would widen the weights of every layer ahead of
 * all else, and keep them.
 */
function widened(g: GraphBuilder, w: QuantizedWeight, m: LinearModule, dy: Value): Value {
  const rows = w.rows();
  const attributes = { axis: 1, block_size: 32 };
  const wide = g.one(
    'DequantizeLinear',
    [rows, controlDependency(g, w.scale, dy), w.zero()],
    rows.shape,
    attributes,
    'float32',
  );
  return rows.shape[1] === m.inputs ? wide : g.slice(wide, 1, 0, m.inputs, m.inputs);
}
