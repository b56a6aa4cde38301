/** A graph under construction: values with known shapes, and the nodes that make them. */
import { type Attribute, type DataType, type Dim, encodeModel, type OnnxInitializer } from './onnx';

export type { Attribute, DataType, Dim } from './onnx';

/** A tensor of the graph. Symbolic dimensions with the same name are the same number. */
export interface Value {
  name: string;
  readonly type: DataType;
  readonly shape: readonly Dim[];
}

export interface Node {
  readonly op: string;
  readonly domain: string;
  /** `undefined` leaves an optional input out. */
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Only of a block. */
  readonly gradient?: BlockGradient;
}

export type BlockGradient = (dy: Value, wants: readonly boolean[]) => (Value | undefined)[];

export interface OutputSpec {
  type: DataType;
  shape: readonly Dim[];
}

/** Where a constant tensor's bytes lie in a file of the model folder. */
export interface ExternalData {
  location: string;
  offset: number;
  length: number;
}

/** Nodes in the order they were made, which is a valid order to run them in. */
export class Graph {
  readonly nodes: Node[] = [];
  /** What gradients walk over: the nodes, save that a block with a gradient of its own stands as one node. */
  readonly tape: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  private readonly initializers: OnnxInitializer[] = [];
  private readonly constants = new Map<string, Value>();
  private readonly weights = new Map<string, Value>();
  private readonly fixed = new Set<Value>();
  private count = 0;

  constructor(readonly name: string) {}

  /** Declares an input that is fed on every run. */
  input(name: string, type: DataType, shape: readonly Dim[]): Value {
    const value = { name, type, shape };
    this.inputs.push(value);
    this.fixed.add(value);
    return value;
  }

  /** Makes `value` an output of the graph under this name. */
  output(name: string, value: Value): Value {
    let out = value;
    if (this.fixed.has(value)) {
      out = this.node('Identity', [value], [{ type: value.type, shape: value.shape }])[0]!;
    }
    out.name = name;
    this.fixed.add(out);
    this.outputs.push(out);
    return out;
  }

  /** A tensor whose bytes stay in a file beside the model; asking twice for a name gives the same value. */
  weight(name: string, type: DataType, shape: readonly number[], external: ExternalData): Value {
    const known = this.weights.get(name);
    if (known) return known;
    const value = { name, type, shape };
    this.weights.set(name, value);
    this.fixed.add(value);
    this.initializers.push({ name, type, dims: shape, external });
    return value;
  }

  /** float32 constant; the same numbers in the same shape are stored once. */
  float(data: number | readonly number[] | Float32Array, shape?: readonly number[]): Value {
    const array = typeof data === 'number' ? Float32Array.of(data) : Float32Array.from(data);
    return this.constant('float32', array, shape ?? (typeof data === 'number' ? [] : [array.length]));
  }

  /** int64 constant vector, for axes, shapes and indices. */
  ints(...data: number[]): Value {
    return this.constant('int64', BigInt64Array.from(data, BigInt), [data.length]);
  }

  /** int64 constant without an axis. */
  int(data: number): Value {
    return this.constant('int64', BigInt64Array.of(BigInt(data)), []);
  }

  private constant(type: DataType, data: Float32Array | BigInt64Array, shape: readonly number[]): Value {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const key = `${type}|${shape}|${Buffer.from(raw).toString('latin1')}`;
    const known = this.constants.get(key);
    if (known) return known;
    const value = { name: `const_${this.constants.size}`, type, shape };
    this.constants.set(key, value);
    this.fixed.add(value);
    this.initializers.push({ name: value.name, type, dims: shape, raw });
    return value;
  }

  /** Appends a node; the caller states what comes out. */
  node(
    op: string,
    inputs: readonly (Value | undefined)[],
    outputs: readonly OutputSpec[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value[] {
    this.count += 1;
    const values = outputs.map((spec, i) => ({
      name: `${op}_${this.count}${i ? `_${i}` : ''}`,
      type: spec.type,
      shape: spec.shape,
    }));
    const node = { op, domain, inputs, outputs: values, attributes };
    this.nodes.push(node);
    this.tape.push(node);
    return values;
  }

  /**
   * Builds a block whose gradient is given rather than derived.
   *
   * @param build makes the block's nodes and returns its output
   * @param gradient from the gradient of the output to those of the inputs
   */
  block(inputs: readonly Value[], build: () => Value, gradient: BlockGradient): Value {
    const start = this.tape.length;
    const out = build();
    this.tape.length = start;
    this.tape.push({ op: 'block', domain: '', inputs, outputs: [out], attributes: {}, gradient });
    return out;
  }

  /**
   * Adds `c` to the product that `value` is, inside the product's own node: for a value that nothing reads yet.
   * False where `value` is no product made since node number `since`.
   */
  addIntoProduct(value: Value, c: Value, since: number): boolean {
    const i = this.nodes.findLastIndex((n) => n.outputs[0] === value);
    const node = this.nodes[i];
    if (i < since || node?.op !== 'Gemm' || node.inputs[2]) return false;
    const sum = { ...node, inputs: [node.inputs[0], node.inputs[1], c] };
    this.nodes[i] = sum;
    this.tape[this.tape.lastIndexOf(node)] = sum;
    return true;
  }

  /** The nodes that some output depends on: the runtime would run the others as well. */
  private living(): Node[] {
    const wanted = new Set<Value>(this.outputs);
    const out: Node[] = [];
    for (let i = this.nodes.length - 1; i >= 0; i--) {
      const node = this.nodes[i]!;
      if (!node.outputs.some((v) => wanted.has(v))) continue;
      for (const v of node.inputs) if (v) wanted.add(v);
      out.push(node);
    }
    return out.reverse();
  }

  /** The graph as the bytes of an ONNX model. */
  encode(): Uint8Array<ArrayBuffer> {
    return encodeModel({
      name: this.name,
      nodes: this.living().map((n) => ({
        op: n.op,
        domain: n.domain,
        inputs: n.inputs.map((v) => v?.name ?? ''),
        outputs: n.outputs.map((v) => v.name),
        attributes: n.attributes as Record<string, Attribute>,
      })),
      initializers: this.initializers,
      inputs: this.inputs,
      outputs: this.outputs,
    });
  }
}
