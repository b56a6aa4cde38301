/** Writes ONNX `ModelProto` bytes by hand: only the fields this project uses (onnx.proto, IR version 10). */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Element types and their numbers in onnx.proto's TensorProto.DataType. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  bfloat16: 16,
  uint4: 21,
} as const;

export type DataType = keyof typeof dataTypes;

/** Size of one axis: known, or a name that stands for the same number wherever it appears. */
export type Dim = number | string;

export type Attribute = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  op: string;
  domain: string;
  /** Names of the inputs; the empty string leaves an optional input out. */
  inputs: string[];
  outputs: string[];
  attributes: Record<string, Attribute>;
}

/** A tensor with a fixed value: raw little-endian bytes, or a range of a file. */
export interface OnnxInitializer {
  name: string;
  type: DataType;
  dims: readonly number[];
  raw?: Uint8Array;
  external?: { location: string; offset: number; length: number };
}

export interface OnnxValueInfo {
  name: string;
  type: DataType;
  shape: readonly Dim[];
}

export interface OnnxModel {
  name: string;
  nodes: OnnxNode[];
  initializers: OnnxInitializer[];
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
}

const irVersion = 10;
const opset = { '': 21, 'com.microsoft': 1 };

/** The bytes of a `ModelProto`. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const w = new BinaryWriter();
  int(w, 1, irVersion);
  text(w, 2, 'hindsight');
  message(w, 7, () => writeGraph(w, model));
  for (const [domain, version] of Object.entries(opset)) {
    message(w, 8, () => {
      text(w, 1, domain);
      int(w, 2, version);
    });
  }
  return w.finish() as Uint8Array<ArrayBuffer>;
}

function writeGraph(w: BinaryWriter, model: OnnxModel): void {
  for (const node of model.nodes) message(w, 1, () => writeNode(w, node));
  text(w, 2, model.name);
  for (const tensor of model.initializers) message(w, 5, () => writeTensor(w, tensor));
  for (const value of model.inputs) message(w, 11, () => writeValueInfo(w, value));
  for (const value of model.outputs) message(w, 12, () => writeValueInfo(w, value));
}

function writeNode(w: BinaryWriter, node: OnnxNode): void {
  for (const name of node.inputs) text(w, 1, name);
  for (const name of node.outputs) text(w, 2, name);
  text(w, 3, node.outputs[0] ?? node.op);
  text(w, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(w, 5, () => writeAttribute(w, name, value));
  }
  if (node.domain) text(w, 7, node.domain);
}

/** A plain number is an integer attribute; `{ float }` marks a float one, since JavaScript cannot tell 1 from 1.0. */
function writeAttribute(w: BinaryWriter, name: string, value: Attribute): void {
  text(w, 1, name);
  if (typeof value === 'number') {
    int(w, 3, value);
    int(w, 20, 2);
  } else if (typeof value === 'string') {
    text(w, 4, value);
    int(w, 20, 3);
  } else if ('float' in value) {
    w.tag(2, WireType.Bit32).float(value.float);
    int(w, 20, 1);
  } else {
    for (const item of value) int(w, 8, item);
    int(w, 20, 7);
  }
}

function writeTensor(w: BinaryWriter, tensor: OnnxInitializer): void {
  for (const dim of tensor.dims) int(w, 1, dim);
  int(w, 2, dataTypes[tensor.type]);
  text(w, 8, tensor.name);
  if (tensor.raw) w.tag(9, WireType.LengthDelimited).bytes(tensor.raw);
  if (tensor.external) {
    for (const [key, value] of Object.entries(tensor.external)) {
      message(w, 13, () => {
        text(w, 1, key);
        text(w, 2, String(value));
      });
    }
    int(w, 14, 1);
  }
}

function writeValueInfo(w: BinaryWriter, value: OnnxValueInfo): void {
  text(w, 1, value.name);
  message(w, 2, () =>
    message(w, 1, () => {
      int(w, 1, dataTypes[value.type]);
      message(w, 2, () => {
        for (const dim of value.shape) {
          message(w, 1, () => {
            if (typeof dim === 'number') int(w, 1, dim);
            else text(w, 2, dim);
          });
        }
      });
    }),
  );
}

function message(w: BinaryWriter, field: number, write: () => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write();
  w.join();
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}
