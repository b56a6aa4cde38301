/** The GGUF format: counts, key-value pairs, a table of tensors, then their bytes. Every field is checked before use. */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { ModelError } from '../../errors';
import { withOpenFile } from '../open-file';
import { Cursor } from './cursor';
import { type GgmlType, typeLayouts } from './types';

export type GgufValue = number | bigint | boolean | string | GgufValue[];

export interface GgufTensor {
  readonly type: GgmlType;
  /** Slowest dimension first, as everywhere else here; the file has them the other way round. */
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly length: number;
}

export interface GgufFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** SHA-256 of the bytes before the tensors', hexadecimal. */
  readonly headerHash: string;
}

/**
 * Reads and checks a file's header; no tensor is read.
 *
 * @throws ModelError naming the file when it is truncated, inconsistent or of an unknown version
 */
export function readGguf(path: string): GgufFile {
  const bad = (what: string) =>
    new ModelError(`${path} is not a usable GGUF file: ${what}. Download it again, or choose another file.`);
  return withOpenFile(path, bad, (fd, size) => readOpened(path, fd, size, bad));
}

type Bad = (what: string) => ModelError;

function readOpened(path: string, fd: number, size: number, bad: Bad): GgufFile {
  const cursor = new Cursor(fd, size, bad);
  if (size < 4 || cursor.take(4, 'its beginning').toString('latin1') !== 'GGUF')
    throw bad('it does not begin with GGUF');
  const version = cursor.u32('its version');
  if (version !== 2 && version !== 3) {
    const swapped = (version & 0xffff) === 0 && version !== 0;
    throw bad(swapped ? 'it is for big-endian machines' : `its version is ${version}, and 2 and 3 are known`);
  }
  const tensorCount = cursor.u64('the number of its tensors');
  const pairCount = cursor.u64('the number of its settings');
  // A tensor takes at least its name's length, one dimension, type and offset; a setting its key's length, type and a byte.
  cursor.require(tensorCount * 24, `its table of ${tensorCount} tensors`);
  cursor.require(pairCount * 13, `its table of ${pairCount} settings`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < pairCount; i++) {
    const key = cursor.text(`the name of setting ${i + 1}`);
    if (metadata.has(key)) throw bad(`it has the setting ${quoted(key)} twice`);
    metadata.set(key, readValue(cursor, cursor.u32(`the type of ${quoted(key)}`), quoted(key), bad));
  }
  const alignment = metadata.get('general.alignment') ?? 32;
  if (typeof alignment !== 'number' || alignment < 1 || alignment > 2 ** 20 || alignment % 1 !== 0)
    throw bad(`its alignment is ${String(alignment).slice(0, 20)}`);
  const tensors = readTable(cursor, tensorCount, alignment, bad);
  const hash = createHash('sha256').update(readBeginning(fd, cursor.position)).digest('hex');
  return { path, size, version, metadata, tensors, headerHash: hash };
}

/** A name from the file in a message: it may be anything, and of any length. */
const quoted = (name: string) => JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);

/** Bytes of a value of each type; text and arrays have no fixed size and count with their least. */
const valueSizes = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];
const textType = 8;
const arrayType = 9;
/** Arrays of arrays are allowed by the format; nothing uses more than two levels. */
const deepest = 4;

function readValue(cursor: Cursor, type: number, key: string, bad: Bad, depth = 0): GgufValue {
  if (type === textType) return cursor.text(key);
  if (type === arrayType) {
    if (depth === deepest) throw bad(`the setting ${key} holds lists within lists within lists`);
    const inner = cursor.u32(`the type of ${key}`);
    const count = cursor.u64(`the length of ${key}`);
    const least = valueSizes[inner];
    if (least === undefined) throw bad(`the setting ${key} has the unknown type ${inner}`);
    cursor.require(count * least, `the list ${key} of ${count} entries`);
    const out: GgufValue[] = [];
    for (let i = 0; i < count; i++) out.push(readValue(cursor, inner, key, bad, depth + 1));
    return out;
  }
  const size = valueSizes[type];
  if (size === undefined) throw bad(`the setting ${key} has the unknown type ${type}`);
  const bytes = cursor.take(size, key);
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return narrowed(bytes.readBigUInt64LE());
    case 11:
      return narrowed(bytes.readBigInt64LE());
    default:
      return bytes.readDoubleLE();
  }
}

const narrowed = (value: bigint): number | bigint =>
  value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;

function readTable(cursor: Cursor, count: number, alignment: number, bad: Bad): Map<string, GgufTensor> {
  const entries: { name: string; type: number; shape: number[]; offset: number }[] = [];
  for (let i = 0; i < count; i++) {
    const name = cursor.text(`the name of tensor ${i + 1}`);
    const dimensions = cursor.u32(`tensor ${quoted(name)}`);
    if (dimensions < 1 || dimensions > 4) throw bad(`tensor ${quoted(name)} has ${dimensions} dimensions`);
    const shape: number[] = [];
    for (let d = 0; d < dimensions; d++) shape.unshift(cursor.u64(`a dimension of tensor ${quoted(name)}`));
    const type = cursor.u32(`the type of tensor ${quoted(name)}`);
    entries.push({ name, type, shape, offset: cursor.u64(`the place of tensor ${quoted(name)}`) });
  }
  const base = Math.ceil(cursor.position / alignment) * alignment;
  const tensors = new Map<string, GgufTensor>();
  for (const { name, type, shape, offset } of entries) {
    if (tensors.has(name)) throw bad(`it has the tensor ${quoted(name)} twice`);
    const layout = typeLayouts.get(type);
    if (!layout) throw bad(`tensor ${quoted(name)} has the unknown type ${type}`);
    const values = shape.reduce((n, d) => n * d, 1);
    if (!Number.isSafeInteger(values)) throw bad(`tensor ${quoted(name)} has the shape [${shape}]`);
    if (shape.at(-1)! % layout.values !== 0)
      throw bad(`tensor ${quoted(name)} has rows of ${shape.at(-1)} values, no multiple of ${layout.values}`);
    if (offset % alignment !== 0) throw bad(`tensor ${quoted(name)} lies at ${offset}, not aligned`);
    const length = (values / layout.values) * layout.bytes;
    if (base + offset + length > cursor.size)
      throw bad(`tensor ${quoted(name)} ends past the end of the file, which is truncated`);
    tensors.set(name, { type: layout.name, shape, offset: base + offset, length });
  }
  const ordered = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = base;
  for (const [name, t] of ordered) {
    if (t.offset < end) throw bad(`tensor ${quoted(name)} overlaps another`);
    end = t.offset + t.length;
  }
  return tensors;
}

function readBeginning(fd: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const n = readSync(fd, out, done, length - done, done);
    if (n === 0) break;
    done += n;
  }
  return out;
}
