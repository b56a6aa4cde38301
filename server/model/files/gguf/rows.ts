/** Rows of a tensor in a GGUF file, in the order that the layers here have them. */
import { closeSync, openSync, readSync } from 'node:fs';
import { ModelError } from '../../errors';
import { halfToFloat } from '../float16';
import type { StoredTensor } from '../safetensors';
import { type BlockFormat, type BlockSink, blockFormats } from './blocks';
import { type GgmlType, layoutOf } from './types';

/**
 * A tensor with its file. Files of some architectures keep the rows of queries and keys in another order: `pairedHeads`
 * heads whose rows are in pairs, (0, d/2), (1, d/2 + 1) … for a head dimension of d. Here they are read in the order 0, 1, 2 ….
 */
/** True of tensors that no other format has: they cannot be used as they lie in the file. */
export const inGgufForm = (t: StoredTensor): boolean =>
  t.pairedHeads !== undefined || Object.hasOwn(blockFormats, t.type);

/** Values in a row; of a vector whose rows are in another order, one. */
const widthOf = (t: StoredTensor) => (t.shape.length === 1 && t.pairedHeads ? 1 : t.shape.at(-1)!);

const countOf = (t: StoredTensor) => t.shape.reduce((n, d) => n * d, 1);

/** Bytes of rows `row` to `row + count − 1`. */
function readBytes(t: StoredTensor, row: number, count: number): Uint8Array {
  const width = (t.length / countOf(t)) * widthOf(t);
  if (!t.pairedHeads) return readAt(t.file, t.offset + row * width, count * width);
  const head = t.shape[0]! / t.pairedHeads;
  const first = Math.floor(row / head) * head;
  const last = Math.ceil((row + count) / head) * head;
  const stored = readAt(t.file, t.offset + first * width, (last - first) * width);
  const out = new Uint8Array(count * width);
  for (let i = 0; i < count; i++) {
    const within = (row + i) % head;
    const paired = 2 * (within % (head / 2)) + Math.floor(within / (head / 2));
    const from = (row + i - within + paired - first) * width;
    out.set(stored.subarray(from, from + width), i * width);
  }
  return out;
}

function readAt(path: string, offset: number, length: number): Uint8Array {
  const out = Buffer.allocUnsafe(length);
  const fd = openSync(path, 'r');
  try {
    for (let done = 0; done < length; ) {
      const n = readSync(fd, out, done, length - done, offset + done);
      if (n === 0) throw new ModelError(`${path} became shorter while it was read: open the model again.`);
      done += n;
    }
  } finally {
    closeSync(fd);
  }
  return out;
}

/** The numbers, scales and minima of rows `row` to `row + count − 1` of a type in blocks. */
export function readBlocks(t: StoredTensor, row: number, count: number): BlockSink {
  const format = formatOf(t);
  const bytes = readBytes(t, row, count);
  const layout = layoutOf(t.type as GgmlType);
  const values = count * widthOf(t);
  const groups = values / format.group;
  const sink: BlockSink = {
    q: new Int8Array(values),
    scale: new Float32Array(groups),
    minimum: new Float32Array(format.hasMinimum ? groups : 0),
  };
  const groupsPerBlock = layout.values / format.group;
  const blocks = values / layout.values;
  for (let b = 0; b < blocks; b++) {
    format.unpack(bytes, b * layout.bytes, sink, b * layout.values, b * groupsPerBlock);
  }
  return sink;
}

export function formatOf(t: StoredTensor): BlockFormat {
  const format = blockFormats[t.type as GgmlType];
  if (!format)
    throw new ModelError(
      `${t.file} holds tensors of the type ${t.type}, which Hindsight does not read: choose the model's Q4_K_M, Q8_0 or F16 file.`,
    );
  return format;
}

/** `count` values from the value number `start` on, as float32; of a type in blocks both are multiples of a block's values. */
export function readGgufFloats(t: StoredTensor, start: number, count: number): Float32Array {
  const width = widthOf(t);
  if (!t.pairedHeads && blockFormats[t.type as GgmlType] === undefined) return plainFloats(t, start, count);
  const first = Math.floor(start / width);
  const rows = Math.ceil((start + count) / width) - first;
  const floats = blockFormats[t.type as GgmlType] ? fromBlocks(t, first, rows) : plainRows(t, first, rows);
  return floats.subarray(start - first * width, start - first * width + count);
}

function fromBlocks(t: StoredTensor, row: number, count: number): Float32Array {
  const { q, scale, minimum } = readBlocks(t, row, count);
  const { group, hasMinimum } = formatOf(t);
  const out = new Float32Array(q.length);
  for (let g = 0, i = 0; g < scale.length; g++) {
    const least = hasMinimum ? minimum[g]! : 0;
    for (const end = i + group; i < end; i++) out[i] = scale[g]! * q[i]! + least;
  }
  return out;
}

function plainFloats(t: StoredTensor, start: number, count: number): Float32Array {
  const width = t.length / countOf(t);
  return floatsOf(t, readAt(t.file, t.offset + start * width, count * width));
}

const plainRows = (t: StoredTensor, row: number, count: number) => floatsOf(t, readBytes(t, row, count));

function floatsOf(t: StoredTensor, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const convert: Partial<Record<GgmlType, [number, (at: number) => number]>> = {
    F32: [4, (at) => view.getFloat32(at, true)],
    F16: [2, (at) => halfToFloat(view.getUint16(at, true))],
    F64: [8, (at) => view.getFloat64(at, true)],
  };
  if (t.type === 'BF16') {
    const out = new Float32Array(bytes.length / 2);
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < out.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
    return out;
  }
  const [width, value] = convert[t.type as GgmlType] ?? [];
  if (!width || !value)
    throw new ModelError(`${t.file} holds ${t.type} where floating-point numbers are needed.`);
  return Float32Array.from({ length: bytes.length / width }, (_, i) => value(i * width));
}
