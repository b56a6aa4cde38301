/** Writes GGUF files for tests: settings of any type, tensors of any bytes. */
import { writeFileSync } from 'node:fs';
import { type GgmlType, typeLayouts } from '../../../../../server/model/files/gguf/types';

export type Setting =
  | { u32: number }
  | { i32: number }
  | { f32: number }
  | { u64: bigint }
  | { bool: boolean }
  | { text: string }
  | { texts: readonly string[] }
  | { i32s: readonly number[] }
  | { f32s: readonly number[] };

export interface TensorToWrite {
  type: GgmlType;
  /** Slowest dimension first. */
  shape: readonly number[];
  bytes: Uint8Array;
}

const u32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n >>> 0);
  return b;
};
const u64 = (n: number | bigint) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(n));
  return b;
};
const f32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeFloatLE(n);
  return b;
};
const text = (s: string) => Buffer.concat([u64(Buffer.byteLength(s)), Buffer.from(s)]);
const list = (type: number, items: readonly Buffer[]) => [u32(9), u32(type), u64(items.length), ...items];

function encoded(s: Setting): Buffer[] {
  if ('u32' in s) return [u32(4), u32(s.u32)];
  if ('i32' in s) return [u32(5), u32(s.i32)];
  if ('f32' in s) return [u32(6), f32(s.f32)];
  if ('u64' in s) return [u32(10), u64(s.u64)];
  if ('bool' in s) return [u32(7), Buffer.of(s.bool ? 1 : 0)];
  if ('text' in s) return [u32(8), text(s.text)];
  if ('texts' in s) return list(8, s.texts.map(text));
  if ('i32s' in s) return list(5, s.i32s.map(u32));
  return list(6, s.f32s.map(f32));
}

const typeNumbers = new Map([...typeLayouts].map(([id, layout]) => [layout.name, id]));
const aligned = (n: number) => Math.ceil(n / 32) * 32;
const padded = (b: Uint8Array) => Buffer.concat([b, Buffer.alloc(aligned(b.length) - b.length)]);

export function ggufBytes(
  settings: Readonly<Record<string, Setting>>,
  tensors: Readonly<Record<string, TensorToWrite>>,
): Buffer {
  const head: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(Object.keys(tensors).length)];
  head.push(u64(Object.keys(settings).length));
  for (const [key, value] of Object.entries(settings)) head.push(text(key), ...encoded(value));
  let offset = 0;
  for (const [name, t] of Object.entries(tensors)) {
    head.push(text(name), u32(t.shape.length), ...[...t.shape].reverse().map(u64));
    head.push(u32(typeNumbers.get(t.type)!), u64(offset));
    offset += aligned(t.bytes.length);
  }
  return Buffer.concat([padded(Buffer.concat(head)), ...Object.values(tensors).map((t) => padded(t.bytes))]);
}

export function writeGgufFile(
  path: string,
  settings: Readonly<Record<string, Setting>>,
  tensors: Readonly<Record<string, TensorToWrite>>,
): string {
  writeFileSync(path, ggufBytes(settings, tensors));
  return path;
}
