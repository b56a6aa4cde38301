import assert from 'node:assert/strict';
import { checkpoint, differentiableOperators, gradients } from '../../../server/graph/gradients';
import type { Value } from '../../../server/graph/graph';
import { GraphBuilder } from '../../../server/graph/operators';
import { createSession, floats, longs, type RuntimeTensor } from '../../../server/graph/runtime';

type Case = {
  /** Shapes of the inputs that are differentiated. */
  shapes: number[][];
  build: (g: GraphBuilder, x: Value[]) => Value;
  /** Keeps inputs away from where the operator has no derivative or no value. */
  range?: (x: number) => number;
  feeds?: Record<string, RuntimeTensor>;
};

const unary = (op: (g: GraphBuilder, x: Value) => Value, range?: Case['range']): Case => ({
  shapes: [[3, 4]],
  build: (g, [x]) => op(g, x!),
  range,
});
const positive = (x: number) => 0.5 + Math.abs(x);
const awayFromZero = (x: number) => x + Math.sign(x || 1) * 0.2;
const gemm = (transA: boolean, transB: boolean): Case => ({
  shapes: [transA ? [4, 3] : [3, 4], transB ? [5, 4] : [4, 5], [5]],
  build: (g, [a, b, c]) => g.gemm(a!, b!, { c, transA, transB, alpha: 0.7 }),
});

/** At least one case for each operator that has a rule. */
const cases: Record<string, Case[]> = {
  Identity: [unary((g, x) => g.one('Identity', [x], x.shape))],
  Add: [{ shapes: [[3, 4], [4]], build: (g, [a, b]) => g.add(a!, b!) }],
  Sub: [
    {
      shapes: [
        [3, 1],
        [3, 4],
      ],
      build: (g, [a, b]) => g.sub(a!, b!),
    },
    { shapes: [[3, 4], []], build: (g, [a, b]) => g.sub(a!, b!) },
  ],
  Mul: [
    {
      shapes: [
        [2, 3, 4],
        [3, 1],
      ],
      build: (g, [a, b]) => g.mul(a!, b!),
    },
  ],
  Div: [{ shapes: [[3, 4], [4]], build: (g, [a, b]) => g.div(a!, b!), range: positive }],
  Neg: [unary((g, x) => g.neg(x))],
  Exp: [unary((g, x) => g.exp(x))],
  Log: [unary((g, x) => g.log(x), positive)],
  Sqrt: [unary((g, x) => g.sqrt(x), positive)],
  Reciprocal: [unary((g, x) => g.reciprocal(x), positive)],
  Sigmoid: [unary((g, x) => g.sigmoid(x))],
  Tanh: [unary((g, x) => g.tanh(x))],
  Erf: [unary((g, x) => g.erf(x))],
  Relu: [unary((g, x) => g.relu(x), awayFromZero)],
  Softmax: [unary((g, x) => g.softmax(x))],
  MatMul: [
    {
      shapes: [
        [2, 3, 4],
        [2, 4, 5],
      ],
      build: (g, [a, b]) => g.matmul(a!, b!),
    },
    {
      shapes: [
        [2, 3, 4],
        [4, 5],
      ],
      build: (g, [a, b]) => g.matmul(a!, b!),
    },
  ],
  Gemm: [gemm(false, false), gemm(false, true), gemm(true, false), gemm(true, true)],
  Transpose: [{ shapes: [[2, 3, 4]], build: (g, [x]) => g.transpose(x!, [2, 0, 1]) }],
  Reshape: [{ shapes: [[2, 6]], build: (g, [x]) => g.reshape(x!, [3, 4]) }],
  Unsqueeze: [unary((g, x) => g.unsqueeze(x, 1))],
  Squeeze: [{ shapes: [[3, 1, 4]], build: (g, [x]) => g.squeeze(x!, 1) }],
  Expand: [
    {
      shapes: [
        [3, 1],
        [3, 4],
      ],
      build: (g, [x, y]) => g.mul(g.expandLike(x!, y!), y!),
    },
  ],
  Concat: [
    {
      shapes: [
        [3, 2],
        [3, 4],
      ],
      build: (g, [a, b]) => g.concat([a!, b!], 1),
    },
  ],
  Split: [
    {
      shapes: [[3, 6]],
      // The middle part is left unused: its gradient is zero.
      build: (g, [x]) => {
        const [a, , c] = g.split(x!, 1, [2, 2, 2]);
        return g.mul(a!, c!);
      },
    },
  ],
  ReduceSum: [
    { shapes: [[3, 4]], build: (g, [x]) => g.reduceSum(g.mul(x!, x!), 1) },
    { shapes: [[3, 4]], build: (g, [x]) => g.reduceSum(g.mul(x!, x!), 0, false) },
  ],
  ReduceMean: [
    { shapes: [[3, 4]], build: (g, [x]) => g.reduceMean(g.mul(x!, x!), -1) },
    { shapes: [[4, 4]], build: (g, [x]) => g.reduceMean(g.mul(x!, x!), 0, false) },
  ],
  Gather: [
    {
      shapes: [[4, 3]],
      build: (g, [x]) => g.gather(x!, g.input('rows', 'int64', [3])),
      feeds: { rows: longs([2, 0, 2]) },
    },
    {
      shapes: [[4, 3]],
      build: (g, [x]) => g.gather(x!, g.input('rows', 'int64', [2, 2])),
      feeds: { rows: longs([2, 0, 2, 1], [2, 2]) },
    },
  ],
  GatherElements: [
    {
      shapes: [[2, 4]],
      build: (g, [x]) => g.gatherElements(x!, g.input('columns', 'int64', [2, 3])),
      feeds: { columns: longs([3, 0, 1, 1, 2, 0], [2, 3]) },
    },
  ],
  Cast: [unary((g, x) => g.cast(x, 'float32'))],
};

/** Numbers between −1 and 1, the same on every run. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return (state / 1073741824 - 1) * 0.9;
  });
}

const size = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1);

async function check({ shapes, build, range = (x) => x, feeds = {} }: Case): Promise<void> {
  const g = new GraphBuilder('test');
  const x = shapes.map((shape, i) => g.input(`x${i}`, 'float32', shape));
  const y = build(g, x);
  // A random direction makes every output element count differently.
  const direction = numbers(size(y.shape as number[]), 7);
  const seed = g.input('dy', 'float32', y.shape);
  gradients(g, [[y, seed]], x).forEach((value, i) => {
    g.output(`dx${i}`, value!);
  });
  g.output('y', y);
  const session = await createSession(g.encode(), { device: 'cpu', threads: 1 });
  const data = shapes.map((shape, i) => numbers(size(shape), i + 1).map(range));
  const run = () => {
    const all: Record<string, RuntimeTensor> = { ...feeds, dy: floats(direction, y.shape as number[]) };
    shapes.forEach((shape, i) => {
      all[`x${i}`] = floats(data[i]!, shape);
    });
    return session.run(all);
  };
  const value = async () => {
    const out = (await run()).y!.data as Float32Array;
    return out.reduce((sum, v, i) => sum + v * direction[i]!, 0);
  };
  const exact = await run();
  const step = 1e-2;
  for (let i = 0; i < shapes.length; i++) {
    const gradient = exact[`dx${i}`]!;
    assert.deepEqual([...gradient.dims], shapes[i]);
    for (let j = 0; j < data[i]!.length; j++) {
      const old = data[i]![j]!;
      data[i]![j] = old + step;
      const above = await value();
      data[i]![j] = old - step;
      const below = await value();
      data[i]![j] = old;
      const slope = (above - below) / (2 * step);
      const got = gradient.data[j] as number;
      assert.ok(
        Math.abs(got - slope) < 3e-3 * Math.max(1, Math.abs(slope)),
        `input ${i}[${j}]: ${got} is not ${slope}`,
      );
    }
  }
  await session.close();
}

describe('gradient rules agree with finite differences', () => {
  it('has a case for every operator with a rule', () => {
    assert.deepEqual(Object.keys(cases).sort(), differentiableOperators().sort());
  });

  for (const [operator, list] of Object.entries(cases)) {
    list.forEach((one, i) => {
      it(`${operator}${list.length > 1 ? ` (${i + 1})` : ''}`, () => check(one));
    });
  }
});

describe('gradients of whole expressions agree with finite differences', () => {
  it('where several products share an input', () =>
    check({
      shapes: [
        [3, 4],
        [4, 5],
        [5, 4],
      ],
      build: (g, [x, a, b]) => g.mul(g.gemm(x!, a!), g.add(g.gemm(x!, b!, { transB: true }), g.gemm(x!, a!))),
    }));

  it('where the gradient of a product passes on to two sums', () =>
    check({
      shapes: [
        [3, 4],
        [3, 4],
        [4, 5],
      ],
      build: (g, [a, b, w]) => {
        const sum = g.gemm(g.add(a!, b!), w!);
        // Read later in the graph, a has one part of its gradient before the sum's arrives.
        return g.add(sum, g.add(g.gemm(a!, w!), g.reduceSum(b!, 1)));
      },
    }));

  it('where a value is used twice by one node and again later', () =>
    check({ shapes: [[3, 4]], build: (g, [x]) => g.mul(g.mul(x!, x!), g.exp(x!)) }));

  it('where inner values are computed again, one block inside another', () =>
    check({
      shapes: [
        [3, 4],
        [4, 4],
        [3, 4],
      ],
      build: (g, [x, w, y]) => {
        const inner = (v: Value) => g.mul(g.tanh(g.gemm(v, w!)), y!);
        const block = (v: Value) => g.add(v, checkpoint(g, [g.exp(v), w!, y!], inner));
        return checkpoint(g, [checkpoint(g, [x!, w!, y!], block), w!, y!], block);
      },
    }));

  it('where a block brings its own gradient', () =>
    check({
      shapes: [[3, 4]],
      build: (g, [x]) => {
        const y = g.exp(x!);
        // Ceil has no rule: the walk must not look inside the block.
        const square = g.block(
          [y],
          () => g.add(g.mul(y, y), g.mul(g.one('Ceil', [y], y.shape), g.float(0))),
          (dy) => [g.mul(dy, g.mul(y, g.float(2)))],
        );
        return g.mul(square, y);
      },
    }));
});

describe('a second computation', () => {
  it('waits for the gradient that wants it, and leaves out what only its result would need', () => {
    const g = new GraphBuilder('test');
    const x = g.input('x', 'float32', [2, 3]);
    const w = g.input('w', 'float32', [3, 3]);
    const y = checkpoint(g, [x, w], (v) => g.gemm(g.exp(v), w));
    const dy = g.input('dy', 'float32', [2, 3]);
    g.output('y', y);
    g.output('dw', gradients(g, [[y, dy]], [w])[0]!);
    // Field 4 of a node is its operator: the tag, the length, the name.
    const named = (op: string) => `\x22${String.fromCharCode(op.length)}${op}`;
    const count = (op: string) => Buffer.from(g.encode()).toString('latin1').split(named(op)).length - 1;
    // e^x twice, the second of x + 0·dy; its product with w, needed by nothing, only once beside that for dw.
    assert.equal(count('Exp'), 2);
    assert.equal(count('Gemm'), 2);
    const second = g.nodes.filter((n) => n.op === 'Exp')[1]!.inputs[0]!;
    assert.equal(g.nodes.find((n) => n.outputs[0] === second)!.op, 'Add');
  });

  it('is not made of nodes that lead to no output', async () => {
    const g = new GraphBuilder('test');
    const x = g.input('x', 'float32', [2]);
    // No runtime knows this operator.
    g.one('Nonsense', [x], [2]);
    g.output('y', g.exp(x));
    const session = await createSession(g.encode(), { device: 'cpu' });
    assert.equal((await session.run({ x: floats(new Float32Array(2), [2]) })).y!.data[0], 1);
    await session.close();
  });
});

describe('gradients', () => {
  it('names the operator that has no rule', () => {
    const g = new GraphBuilder('test');
    const x = g.input('x', 'float32', [2]);
    const y = g.one('Ceil', [x], x.shape);
    assert.throws(() => gradients(g, [[y, g.float([1, 1])]], [x]), /no gradient rule for operator Ceil/);
  });

  it('adds nothing for branches that lead to no target', () => {
    const g = new GraphBuilder('test');
    const frozen = g.input('frozen', 'float32', [2]);
    const x = g.input('x', 'float32', [2]);
    // Ceil has no rule, but nothing trainable lies below it.
    const y = g.mul(g.one('Ceil', [frozen], [2]), x);
    const before = g.nodes.length;
    gradients(g, [[y, g.float([1, 1])]], [x]);
    assert.deepEqual(
      g.nodes.slice(before).map((n) => n.op),
      ['Mul'],
    );
  });

  it('gives nothing for a target that no seed depends on', () => {
    const g = new GraphBuilder('test');
    const [x, other] = [g.input('x', 'float32', [2]), g.input('other', 'float32', [2])];
    const [dx, none] = gradients(g, [[g.exp(x), g.float([1, 1])]], [x, other]);
    assert.ok(dx);
    assert.equal(none, undefined);
  });
});
