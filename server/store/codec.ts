/** How values are laid out in columns: ids and log-probs as little-endian blobs, signals as a bit set. */

import { endianness } from 'node:os';
import type { ContextPart } from '../prompt-context/types';
import { SIGNAL_KINDS, SIGNALS, type SignalKind } from '../protocol/signals';

export function signalBits(signals: readonly SignalKind[]): number {
  return signals.reduce((bits, signal) => bits | (1 << SIGNALS[signal].bit), 0);
}

/** The signals of a bit set, in the order of their bits. */
export function signalsOf(bits: number): SignalKind[] {
  return BY_BIT.filter((signal) => (bits & (1 << SIGNALS[signal].bit)) !== 0);
}

const BY_BIT = [...SIGNAL_KINDS].sort((a, b) => SIGNALS[a].bit - SIGNALS[b].bit);

/** Token ids as 32-bit integers. */
export function packIds(ids: readonly number[]): Buffer {
  return toBuffer(Int32Array.from(ids));
}

export function unpackIds(blob: Uint8Array): number[] {
  return Array.from(new Int32Array(fromBuffer(blob)));
}

/** Log-probs as 32-bit floats. */
export function packFloats(values: readonly number[]): Buffer {
  return toBuffer(Float32Array.from(values));
}

export function unpackFloats(blob: Uint8Array): number[] {
  return Array.from(new Float32Array(fromBuffer(blob)));
}

function toBuffer(array: Int32Array | Float32Array): Buffer {
  const buffer = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return endianness() === 'LE' ? buffer : buffer.swap32();
}

function fromBuffer(blob: Uint8Array): ArrayBuffer {
  const copy = Buffer.from(blob);
  if (endianness() !== 'LE') {
    copy.swap32();
  }
  return copy.buffer.slice(copy.byteOffset, copy.byteOffset + copy.byteLength) as ArrayBuffer;
}

/** Context as it is stored: JSON of its parts, '' for none. */
export function packContext(parts: readonly ContextPart[] = []): string {
  return parts.length === 0
    ? ''
    : JSON.stringify(parts.map(({ kind, path, text }) => ({ kind, path, text })));
}

export function unpackContext(stored: string): { context?: ContextPart[] } {
  return stored === '' ? {} : { context: JSON.parse(stored) as ContextPart[] };
}
