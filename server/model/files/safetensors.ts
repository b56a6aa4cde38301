/** The safetensors format: an 8-byte header length, a JSON header, then the tensors' bytes. Every field is checked before use. */
import { closeSync, openSync, readSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { ModelError, writingFailed } from '../errors';
import { halfToFloat } from './float16';
import type { GgmlType } from './gguf/types';
import { withOpenFile } from './open-file';

export type StoredType =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'I32'
  | 'U8'
  | 'I8'
  | 'BOOL'
  | 'F64'
  | 'I16'
  | 'U16'
  | 'U32'
  | 'U64';

export interface StoredTensor {
  readonly file: string;
  /** In a GGUF file it may be one of that format's own. */
  readonly type: StoredType | GgmlType;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
  /** Of a GGUF file: see `GgufRows`. */
  readonly pairedHeads?: number;
}

/** A file of weights, with what a fingerprint of it needs. */
export interface WeightFile {
  readonly path: string;
  readonly size: number;
  /** What stands before the weights, or a hash of it. */
  readonly header: string;
}

export interface SafetensorsFile extends WeightFile {
  readonly tensors: Map<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const bytesPerElement: Record<StoredType, number> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** The format's own limit on the header. */
const maxHeader = 100_000_000;

/**
 * Reads and checks a file's header; no tensor is read.
 *
 * @throws ModelError naming the file when it is truncated or inconsistent
 */
export function readHeader(path: string): SafetensorsFile {
  const bad = (what: string) =>
    new ModelError(`${path} is not a usable safetensors file: ${what}. Download it again.`);
  return withOpenFile(path, bad, (fd, size) => {
    if (size < 8) throw bad('it is shorter than its own header length');
    const headerLength = Number(readBytes(fd, 0, 8).readBigUInt64LE());
    if (headerLength > maxHeader) throw bad(`its header claims ${headerLength} bytes`);
    if (headerLength > size - 8) throw bad('it ends inside its header');
    const header = readBytes(fd, 8, headerLength).toString('utf8');
    return { path, size, header, ...parseHeader(header, path, 8 + headerLength, size, bad) };
  });
}

function parseHeader(
  text: string,
  file: string,
  base: number,
  size: number,
  bad: (what: string) => ModelError,
): Pick<SafetensorsFile, 'tensors' | 'metadata'> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw bad('its header is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw bad('its header is not an object');
  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === '__metadata__') metadata = entry as Record<string, string>;
    else tensors.set(name, parseEntry(name, entry, file, base, size, bad));
  }
  const ordered = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = base;
  for (const [name, t] of ordered) {
    if (t.offset < end) throw bad(`tensor ${name} overlaps another`);
    end = t.offset + t.length;
  }
  return { tensors, metadata };
}

function parseEntry(
  name: string,
  entry: unknown,
  file: string,
  base: number,
  size: number,
  bad: (what: string) => ModelError,
): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const count = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (typeof dtype !== 'string' || !Object.hasOwn(bytesPerElement, dtype)) {
    throw bad(
      `tensor ${name} has ${dtype === undefined ? 'no type' : `the unknown type ${JSON.stringify(dtype)}`}`,
    );
  }
  if (!Array.isArray(shape) || !shape.every(count)) throw bad(`tensor ${name} has no valid shape`);
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!count(begin) || !count(end) || end < begin) throw bad(`tensor ${name} has no valid offsets`);
  const type = dtype as StoredType;
  const length = end - begin;
  const expected = shape.reduce((n, d) => n * d, 1) * bytesPerElement[type];
  if (length !== expected) throw bad(`tensor ${name} has ${length} bytes where its shape needs ${expected}`);
  if (base + end > size) throw bad(`tensor ${name} ends past the end of the file, which is truncated`);
  return { file, type, shape, offset: base + begin, length };
}

function readBytes(fd: number, offset: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const n = readSync(fd, buffer, done, length - done, offset + done);
    if (n === 0) throw new ModelError('a model file became shorter while it was read');
    done += n;
  }
  return buffer;
}

/** The tensor's values as float32. @throws ModelError for a type that is not a float. */
export function readFloats(t: StoredTensor): Float32Array {
  const raw = readRaw(t);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  if (t.type === 'F32') return new Float32Array(raw.buffer, raw.byteOffset, t.length / 4);
  const out = new Float32Array(t.length / bytesPerElement[t.type as StoredType]);
  if (t.type === 'BF16') {
    const bits = new Uint32Array(out.buffer);
    for (let i = 0; i < out.length; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  } else if (t.type === 'F16') {
    for (let i = 0; i < out.length; i++) out[i] = halfToFloat(view.getUint16(2 * i, true));
  } else if (t.type === 'F64') {
    for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(8 * i, true);
  } else {
    throw new ModelError(`${t.file} holds ${t.type} where floating-point numbers are needed.`);
  }
  return out;
}

/** The tensor's values as integers. */
export function readIntegers(t: StoredTensor): number[] {
  const raw = readRaw(t);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const n = t.length / bytesPerElement[t.type as StoredType];
  if (t.type === 'I64') return Array.from({ length: n }, (_, i) => Number(view.getBigInt64(8 * i, true)));
  if (t.type === 'I32') return Array.from({ length: n }, (_, i) => view.getInt32(4 * i, true));
  throw new ModelError(`${t.file} holds ${t.type} where integers are needed.`);
}

function readRaw(t: StoredTensor): Buffer {
  const fd = openSync(t.file, 'r');
  try {
    return readBytes(fd, t.offset, t.length);
  } finally {
    closeSync(fd);
  }
}

/** What the header says of a tensor. */
export interface TensorLayout {
  name: string;
  type: StoredType;
  shape: readonly number[];
  /** Bytes. */
  length: number;
}

/** The bytes before the first tensor, for tensors that lie one after the other: their offset 0 is a multiple of 8. */
export function headerBytes(tensors: readonly TensorLayout[], metadata?: Record<string, string>): Buffer {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const { name, type, shape, length } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + length] };
    offset += length;
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text]);
}

export interface TensorToWrite {
  shape: readonly number[];
  data: Float32Array | BigInt64Array | Int32Array;
}

/** Writes float32 and integer tensors, whole or not at all: a temporary file is renamed into place. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Record<string, string> = { format: 'pt' },
): Promise<void> {
  const layouts = [...tensors].map(([name, { shape, data }]): TensorLayout => {
    const type = data instanceof Float32Array ? 'F32' : data instanceof Int32Array ? 'I32' : 'I64';
    return { name, type, shape, length: data.byteLength };
  });
  const header = headerBytes(layouts, metadata);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(header);
      for (const { data } of tensors.values()) {
        await file.writeFile(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writingFailed(path, error);
  }
}
