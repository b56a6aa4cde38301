/** Reverse-mode gradients: one rule per operator, and a walk that visits only what leads to the tensors asked for. */
import type { Attribute, Node, Value } from './graph';
import type { GraphBuilder } from './operators';

/**
 * Given a node and the gradients of its outputs (undefined where nothing depends on one), the gradients of its inputs.
 * `wants[i]` says whether input i's is needed; entries for others are ignored.
 */
type Rule = (
  g: GraphBuilder,
  node: Node,
  upstream: readonly (Value | undefined)[],
  wants: readonly boolean[],
) => (Value | undefined)[];

/**
 * Gradients of Σ_i ⟨seed_i, value_i⟩ with respect to `targets`.
 *
 * @param seeds pairs of a value and dL/d(value), of the value's shape
 * @param since number of tape nodes that lie before everything the targets lead to: the walk leaves them out
 * @returns one value per target, undefined where no seed depends on it
 * @throws an error that names the operator when one on the way has no rule
 */
export function gradients(
  g: GraphBuilder,
  seeds: readonly (readonly [Value, Value])[],
  targets: readonly Value[],
  since = 0,
): (Value | undefined)[] {
  const trainable = new Set(targets);
  const nodes = g.tape.slice(since);
  for (const node of nodes) {
    if (node.inputs.some((v) => v && trainable.has(v))) {
      for (const out of node.outputs) trainable.add(out);
    }
  }
  const found = new Map<Value, Value>();
  /** A matrix product made since node number `fresh` adds the sum so far for nothing; an older one may have other readers. */
  const accumulate = (value: Value, gradient: Value, fresh: number) => {
    const sum = found.get(value);
    if (!sum || g.addIntoProduct(gradient, sum, fresh)) found.set(value, gradient);
    else found.set(value, g.add(sum, gradient));
  };
  for (const [value, seed] of seeds) accumulate(value, seed, g.nodes.length);
  for (const node of nodes.reverse()) {
    const upstream = node.outputs.map((v) => found.get(v));
    const wants = node.inputs.map((v) => v !== undefined && trainable.has(v));
    if (!wants.includes(true) || upstream.every((v) => v === undefined)) continue;
    const rule = rules[node.op];
    if (!rule && !node.gradient) throw new Error(`no gradient rule for operator ${node.op}`);
    const fresh = g.nodes.length;
    const made = node.gradient ? node.gradient(upstream[0]!, wants) : rule!(g, node, upstream, wants);
    made.forEach((gradient, i) => {
      if (!gradient || !wants[i]) return;
      const shared = made.indexOf(gradient) !== made.lastIndexOf(gradient);
      accumulate(node.inputs[i]!, gradient, shared ? g.nodes.length : fresh);
    });
  }
  return targets.map((v) => found.get(v));
}

/**
 * Builds a block whose inner values are computed again for its gradient instead of being kept (gradient checkpointing,
 * arXiv 1604.06174): the price of one more forward pass, paid in the memory of everything between input and output.
 *
 * @param inputs the block's input, and every other value below it that a gradient is asked for
 * @param build makes the block from its input; called once for each pass
 */
export function checkpoint(
  g: GraphBuilder,
  inputs: readonly [Value, ...Value[]],
  build: (x: Value) => Value,
): Value {
  return g.block(
    inputs,
    () => build(inputs[0]),
    (dy, wants) => {
      const start = g.tape.length;
      const x = controlDependency(g, inputs[0], dy);
      const out = build(x);
      const found = gradients(g, [[out, dy]], [x, ...inputs.slice(1)], start);
      return found.map((gradient, i) => (wants[i] ? gradient : undefined));
    },
  );
}

/**
 * `x` as it is, but not before `y` is known: a runtime that merges equal nodes would undo the second pass, and one that
 * runs nodes as early as it can would run it too early.
 */
export function controlDependency(g: GraphBuilder, x: Value, y: Value): Value {
  let first = y;
  for (let axis = 0; axis < y.shape.length; axis++) first = g.slice(first, axis, 0, 1, 1);
  return g.add(
    x,
    g.mul(
      g.reshape(
        first,
        x.shape.map(() => 1),
      ),
      g.float(0),
    ),
  );
}

/** Operators that have a rule. */
export function differentiableOperators(): string[] {
  return Object.keys(rules);
}

const input = (node: Node, i: number): Value => node.inputs[i]!;
const flag = (attribute: Attribute | undefined): boolean => attribute === 1;
const zeros = (g: GraphBuilder, like: Value): Value => g.expandLike(g.float(0), like);

/** y = f(x) with dL/dx = dL/dy · slope. */
const elementwise =
  (slope: (g: GraphBuilder, x: Value, y: Value) => Value): Rule =>
  (g, node, [dy]) => [g.mul(dy!, slope(g, input(node, 0), node.outputs[0]!))];

const rules: Record<string, Rule> = {
  Identity: (_g, _node, [dy]) => [dy],
  Add: (g, node, [dy], wants) =>
    node.inputs.map((v, i) => (wants[i] ? g.unbroadcast(dy!, v!.shape) : undefined)),
  Sub: (g, node, [dy], wants) => [
    wants[0] ? g.unbroadcast(dy!, input(node, 0).shape) : undefined,
    wants[1] ? g.neg(g.unbroadcast(dy!, input(node, 1).shape)) : undefined,
  ],
  Mul: (g, node, [dy], wants) => {
    const [a, b] = [input(node, 0), input(node, 1)];
    return [
      wants[0] ? g.unbroadcast(g.mul(dy!, b), a.shape) : undefined,
      wants[1] ? g.unbroadcast(g.mul(dy!, a), b.shape) : undefined,
    ];
  },
  Div: (g, node, [dy], wants) => {
    const [a, b] = [input(node, 0), input(node, 1)];
    const scaled = g.div(dy!, b);
    return [
      wants[0] ? g.unbroadcast(scaled, a.shape) : undefined,
      wants[1] ? g.neg(g.unbroadcast(g.mul(scaled, node.outputs[0]!), b.shape)) : undefined,
    ];
  },
  Neg: (g, _node, [dy]) => [g.neg(dy!)],
  Exp: elementwise((_g, _x, y) => y),
  Log: (g, node, [dy]) => [g.div(dy!, input(node, 0))],
  Sqrt: (g, node, [dy]) => [g.div(g.mul(dy!, g.float(0.5)), node.outputs[0]!)],
  Reciprocal: elementwise((g, _x, y) => g.neg(g.mul(y, y))),
  Sigmoid: elementwise((g, _x, y) => g.mul(y, g.sub(g.float(1), y))),
  Tanh: elementwise((g, _x, y) => g.sub(g.float(1), g.mul(y, y))),
  // d erf(x)/dx = 2/√π · exp(−x²)
  Erf: elementwise((g, x) => g.mul(g.float(2 / Math.sqrt(Math.PI)), g.exp(g.neg(g.mul(x, x))))),
  // The slope at exactly 0 is 0, as in PyTorch.
  Relu: elementwise((g, _x, y) => g.one('Sign', [y], y.shape)),
  Softmax: (g, node, [dy]) => {
    const y = node.outputs[0]!;
    return [g.mul(y, g.sub(dy!, g.reduceSum(g.mul(dy!, y), -1)))];
  },
  MatMul: (g, node, [dy], wants) => {
    const [a, b] = [input(node, 0), input(node, 1)];
    return [
      wants[0] ? g.unbroadcast(g.matmul(dy!, g.matrixTranspose(b)), a.shape) : undefined,
      wants[1] ? g.unbroadcast(g.matmul(g.matrixTranspose(a), dy!), b.shape) : undefined,
    ];
  },
  Gemm: (g, node, [dy], wants) => {
    const [a, b, c] = node.inputs;
    const [transA, transB] = [flag(node.attributes.transA), flag(node.attributes.transB)];
    const attribute = node.attributes.alpha;
    const alpha = typeof attribute === 'object' && 'float' in attribute ? attribute.float : 1;
    return [
      wants[0]
        ? transA
          ? g.gemm(b!, dy!, { transA: transB, transB: true, alpha })
          : g.gemm(dy!, b!, { transB: !transB, alpha })
        : undefined,
      wants[1]
        ? transB
          ? g.gemm(dy!, a!, { transA: true, transB: transA, alpha })
          : g.gemm(a!, dy!, { transA: !transA, alpha })
        : undefined,
      wants[2] ? g.unbroadcast(dy!, c!.shape) : undefined,
    ];
  },
  Transpose: (g, node, [dy]) => {
    const perm = node.attributes.perm as readonly number[];
    const inverse: number[] = [];
    perm.forEach((p, i) => {
      inverse[p] = i;
    });
    return [g.transpose(dy!, inverse)];
  },
  Reshape: (g, node, [dy]) => [backToShape(g, dy!, input(node, 0))],
  Unsqueeze: (g, node, [dy]) => [backToShape(g, dy!, input(node, 0))],
  Squeeze: (g, node, [dy]) => [backToShape(g, dy!, input(node, 0))],
  Expand: (g, node, [dy]) => [g.unbroadcast(dy!, input(node, 0).shape)],
  Concat: (g, node, [dy]) => {
    const axis = node.attributes.axis as number;
    const sizes = node.inputs.map((v) => v!.shape[axis]!);
    if (sizes.some((d) => typeof d === 'string')) {
      throw new Error('no gradient rule for operator Concat along a dimension of unknown size');
    }
    return g.split(dy!, axis, sizes as number[]);
  },
  Split: (g, node, upstream) => {
    const parts = node.outputs.map((v, i) => upstream[i] ?? zeros(g, v));
    return [g.concat(parts, node.attributes.axis as number)];
  },
  ReduceSum: (g, node, [dy]) => [g.expandLike(keptAxis(g, node, dy!), input(node, 0))],
  ReduceMean: (g, node, [dy]) => {
    const x = input(node, 0);
    const kept = keptAxis(g, node, dy!);
    const axis = x.shape.findIndex((d, i) => d !== kept.shape[i]);
    const size = x.shape[axis] ?? 1;
    if (typeof size === 'string')
      throw new Error('no gradient rule for operator ReduceMean over unknown size');
    return [g.expandLike(g.mul(kept, g.float(1 / size)), x)];
  },
  Gather: (g, node, [dy], wants) => {
    const [x, indices] = [input(node, 0), input(node, 1)];
    if (!wants[0]) return [];
    const rows = indices.shape.length === 1 ? dy! : flattenRows(g, dy!, indices.shape.length);
    const flat = indices.shape.length === 1 ? indices : g.reshapeTo(indices, g.ints(-1), [rows.shape[0]!]);
    return [g.scatterRows(x, flat, rows)];
  },
  GatherElements: (g, node, [dy]) => {
    const [x, indices] = [input(node, 0), input(node, 1)];
    return [g.scatterElements(zeros(g, x), indices, dy!, 'add')];
  },
  Cast: (g, node, [dy]) => [g.cast(dy!, input(node, 0).type)],
};

function backToShape(g: GraphBuilder, dy: Value, x: Value): Value {
  return g.reshapeTo(dy, g.shapeOf(x), x.shape);
}

/** Puts back the axis that a reduction dropped, as size 1. */
function keptAxis(g: GraphBuilder, node: Node, dy: Value): Value {
  const x = input(node, 0);
  if (dy.shape.length === x.shape.length) return dy;
  return g.one('Unsqueeze', [dy, node.inputs[1]], insertOne(x.shape, dy.shape));
}

/** x's shape with the axis that is missing from `reduced` set to 1. */
function insertOne(full: Value['shape'], reduced: Value['shape']): Value['shape'] {
  let axis = 0;
  while (axis < reduced.length && full[axis] === reduced[axis]) axis += 1;
  return full.map((d, i) => (i === axis ? 1 : d));
}

function flattenRows(g: GraphBuilder, dy: Value, indexRank: number): Value {
  const tail = dy.shape.slice(indexRank);
  return g.reshapeTo(dy, g.ints(-1, ...(tail as number[])), [`rows_of_${dy.name}`, ...tail]);
}
