/** ONNX operators as methods: each works out the shape of its result. Plain operators only, so that every device has them. */
import { type Attribute, type DataType, type Dim, Graph, type Value } from './graph';
import { dataTypes } from './onnx';
import { broadcast, normalAxis } from './shapes';

export class GraphBuilder extends Graph {
  add = (a: Value, b: Value) => this.binary('Add', a, b);
  sub = (a: Value, b: Value) => this.binary('Sub', a, b);
  mul = (a: Value, b: Value) => this.binary('Mul', a, b);
  div = (a: Value, b: Value) => this.binary('Div', a, b);
  max = (a: Value, b: Value) => this.binary('Max', a, b);
  neg = (x: Value) => this.unary('Neg', x);
  exp = (x: Value) => this.unary('Exp', x);
  log = (x: Value) => this.unary('Log', x);
  sqrt = (x: Value) => this.unary('Sqrt', x);
  reciprocal = (x: Value) => this.unary('Reciprocal', x);
  sigmoid = (x: Value) => this.unary('Sigmoid', x);
  tanh = (x: Value) => this.unary('Tanh', x);
  erf = (x: Value) => this.unary('Erf', x);
  relu = (x: Value) => this.unary('Relu', x);
  reduceSum = (x: Value, axis: number, keep = true) => this.reduce('ReduceSum', x, axis, keep);
  reduceMean = (x: Value, axis: number, keep = true) => this.reduce('ReduceMean', x, axis, keep);
  reduceMax = (x: Value, axis: number, keep = true) => this.reduce('ReduceMax', x, axis, keep);

  /** Softmax over the last axis. */
  softmax(x: Value): Value {
    return this.one('Softmax', [x], x.shape, { axis: -1 });
  }

  /** Batched matrix product: [..., m, k] · [..., k, n]. */
  matmul(a: Value, b: Value): Value {
    const k = a.shape.at(-1);
    if (a.shape.length < 2 || b.shape.length < 2 || k !== b.shape.at(-2)) {
      throw new Error(`MatMul: shapes [${a.shape}] and [${b.shape}] do not chain`);
    }
    const batch = broadcast('MatMul', a.shape.slice(0, -2), b.shape.slice(0, -2));
    return this.one('MatMul', [a, b], [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
  }

  /** alpha · op(a) · op(b) + c for matrices; transposition costs nothing here, so one stored weight serves both directions. */
  gemm(
    a: Value,
    b: Value,
    options: { c?: Value; transA?: boolean; transB?: boolean; alpha?: number } = {},
  ): Value {
    const { c, transA = false, transB = false, alpha = 1 } = options;
    if (a.shape.length !== 2 || b.shape.length !== 2) throw new Error('Gemm: wants matrices');
    const [m, k] = transA ? [a.shape[1]!, a.shape[0]] : [a.shape[0]!, a.shape[1]];
    const [k2, n] = transB ? [b.shape[1], b.shape[0]!] : [b.shape[0], b.shape[1]!];
    if (k !== k2) throw new Error(`Gemm: shapes [${a.shape}] and [${b.shape}] do not chain`);
    const attributes: Record<string, Attribute> = {};
    if (transA) attributes.transA = 1;
    if (transB) attributes.transB = 1;
    if (alpha !== 1) attributes.alpha = { float: alpha };
    return this.one('Gemm', c ? [a, b, c] : [a, b], [m, n], attributes);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.one(
      'Transpose',
      [x],
      perm.map((p) => x.shape[p]!),
      { perm },
    );
  }

  /** Swaps the last two axes. */
  matrixTranspose(x: Value): Value {
    const perm = x.shape.map((_, i) => i);
    const r = perm.length;
    [perm[r - 2], perm[r - 1]] = [r - 1, r - 2];
    return this.transpose(x, perm);
  }

  /** Reshapes to a shape in which at most one dimension is symbolic, or all but one come first and are kept in place. */
  reshape(x: Value, shape: readonly Dim[]): Value {
    const symbolic = shape.filter((d) => typeof d === 'string').length;
    const spec = shape.map((d, i) => {
      if (typeof d === 'number') return d;
      if (d === x.shape[i]) return 0;
      return -1;
    });
    if (spec.filter((d) => d === -1).length > 1) {
      throw new Error(
        `Reshape: [${x.shape}] to [${shape}] leaves ${symbolic} dimensions open; use reshapeTo`,
      );
    }
    return this.one('Reshape', [x, this.ints(...spec)], shape);
  }

  /** Reshapes by a shape tensor computed in the graph. */
  reshapeTo(x: Value, target: Value, shape: readonly Dim[]): Value {
    return this.one('Reshape', [x, target], shape);
  }

  /** The shape of x as an int64 vector, or a part of it. */
  shapeOf(x: Value, start?: number, end?: number): Value {
    const attributes: Record<string, Attribute> = {};
    if (start !== undefined) attributes.start = start;
    if (end !== undefined) attributes.end = end;
    const length = x.shape.slice(start, end).length;
    return this.one('Shape', [x], [length], attributes, 'int64');
  }

  /** Repeats dimensions of size 1 up to `like`'s shape. */
  expandLike(x: Value, like: Value): Value {
    return this.one('Expand', [x, this.shapeOf(like)], like.shape);
  }

  unsqueeze(x: Value, axis: number): Value {
    const a = axis < 0 ? axis + x.shape.length + 1 : axis;
    return this.one('Unsqueeze', [x, this.ints(a)], [...x.shape.slice(0, a), 1, ...x.shape.slice(a)]);
  }

  squeeze(x: Value, axis: number): Value {
    const a = normalAxis(axis, x.shape.length);
    return this.one(
      'Squeeze',
      [x, this.ints(a)],
      x.shape.filter((_, i) => i !== a),
    );
  }

  /** Joins tensors along an axis; `size` names the joined dimension where the parts are symbolic. */
  concat(parts: readonly Value[], axis: number, size?: Dim): Value {
    const first = parts[0]!;
    const a = normalAxis(axis, first.shape.length);
    const sizes = parts.map((p) => p.shape[a]!);
    const joined = sizes.every((d) => typeof d === 'number')
      ? sizes.reduce((sum: number, d) => sum + (d as number), 0)
      : size;
    if (joined === undefined) throw new Error('Concat: name the joined dimension');
    const shape = first.shape.map((d, i) => (i === a ? joined : d));
    return this.one('Concat', parts, shape, { axis: a });
  }

  /** Cuts an axis into parts of known sizes. */
  split(x: Value, axis: number, sizes: readonly number[]): Value[] {
    const a = normalAxis(axis, x.shape.length);
    const specs = sizes.map((size) => ({ type: x.type, shape: x.shape.map((d, i) => (i === a ? size : d)) }));
    return this.node('Split', [x, this.ints(...sizes)], specs, { axis: a });
  }

  /** Entries start…end−1 of an axis, counted from the back where negative; `size` is how many that is. */
  slice(x: Value, axis: number, start: number, end: number | undefined, size: Dim): Value {
    const a = normalAxis(axis, x.shape.length);
    const stop = end ?? Number.MAX_SAFE_INTEGER;
    const shape = x.shape.map((d, i) => (i === a ? size : d));
    return this.one('Slice', [x, this.ints(start), this.ints(stop), this.ints(a)], shape);
  }

  /** Entries start…end−1 of an axis, with bounds computed in the graph, int64 vectors of length 1. */
  sliceBetween(x: Value, axis: number, start: Value, end: Value, size: Dim): Value {
    const shape = x.shape.map((d, i) => (i === axis ? size : d));
    return this.one('Slice', [x, start, end, this.ints(axis)], shape);
  }

  /** Rows of x along its first axis. */
  gather(x: Value, indices: Value): Value {
    return this.one('Gather', [x, indices], [...indices.shape, ...x.shape.slice(1)], { axis: 0 });
  }

  /** x[i, indices[i, j]] along the last axis. */
  gatherElements(x: Value, indices: Value): Value {
    return this.one('GatherElements', [x, indices], indices.shape, { axis: -1 });
  }

  /** A copy of x with x[i, indices[i, j]] set to (or increased by) updates[i, j]. Indices within a row must differ. */
  scatterElements(x: Value, indices: Value, updates: Value, reduction: 'none' | 'add' = 'none'): Value {
    return this.one('ScatterElements', [x, indices, updates], x.shape, { axis: -1, reduction });
  }

  /** Adds rows `updates` into zeros of `like`'s shape at row numbers `indices`. */
  scatterRows(like: Value, indices: Value, updates: Value): Value {
    const zeros = this.one('Expand', [this.float(0), this.shapeOf(like)], like.shape);
    return this.one('ScatterND', [zeros, this.unsqueeze(indices, -1), updates], like.shape, {
      reduction: 'add',
    });
  }

  /** The k largest entries of the last axis, in order; k is an int64 vector of length 1. */
  topK(x: Value, k: Value, size: Dim): { values: Value; indices: Value } {
    const shape = [...x.shape.slice(0, -1), size];
    const [values, indices] = this.node(
      'TopK',
      [x, k],
      [
        { type: x.type, shape },
        { type: 'int64', shape },
      ],
    );
    return { values: values!, indices: indices! };
  }

  cast(x: Value, type: DataType): Value {
    if (x.type === type) return x;
    return this.one('Cast', [x], x.shape, { to: dataTypes[type] }, type);
  }

  /** Sums `x` down to a shape that broadcasts to it: the gradient of broadcasting. */
  unbroadcast(x: Value, shape: readonly Dim[]): Value {
    let out = x;
    while (out.shape.length > shape.length) out = this.reduceSum(out, 0, false);
    shape.forEach((d, i) => {
      if (d === 1 && out.shape[i] !== 1) out = this.reduceSum(out, i, true);
    });
    return out;
  }

  private binary(op: string, a: Value, b: Value): Value {
    return this.one(op, [a, b], broadcast(op, a.shape, b.shape));
  }

  private unary(op: string, x: Value): Value {
    return this.one(op, [x], x.shape);
  }

  private reduce(op: string, x: Value, axis: number, keep: boolean): Value {
    const a = normalAxis(axis, x.shape.length);
    const shape = keep ? x.shape.map((d, i) => (i === a ? 1 : d)) : x.shape.filter((_, i) => i !== a);
    return this.one(op, [x, this.ints(a)], shape, { keepdims: keep ? 1 : 0 });
  }

  /** A node with one output, by default of its first input's type. */
  one(
    op: string,
    inputs: readonly (Value | undefined)[],
    shape: readonly Dim[],
    attributes: Record<string, Attribute> = {},
    type: DataType = inputs[0]!.type,
  ): Value {
    return this.node(op, inputs, [{ type, shape }], attributes)[0]!;
  }
}
