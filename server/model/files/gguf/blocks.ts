/**
 * What the quantised types of GGUF files hold, in one form: w = scale·q + minimum, where q is a small signed number and a
 * group of 16 or 32 values shares its scale and, in some types, a minimum. Nothing is rounded again: the numbers are those
 * of the file, moved so that they lie around zero (a type whose numbers are 0 to 15 gives −8 to 7, and a minimum that
 * is larger by 8·scale).
 */
import { type BlockSink, half } from './block-sink';
import {
  unpackIq1M,
  unpackIq1S,
  unpackIq2S,
  unpackIq2Xs,
  unpackIq2Xxs,
  unpackIq3S,
  unpackIq3Xxs,
} from './codebook-blocks';
import { ternary4, ternary5, unpackIq4Nl, unpackIq4Xs, unpackMxfp4, unpackNvfp4 } from './small-blocks';
import type { GgmlType } from './types';

export type { BlockSink };

export interface BlockFormat {
  /** Values that share a scale. */
  group: 16 | 32;
  /** Bits that every q fits into. */
  bits: 4 | 8;
  /** Whether groups have a minimum. */
  hasMinimum: boolean;
  /**
   * Reads the block at `at` in `bytes`.
   *
   * @param value number of its first value in `sink.q`
   * @param group number of its first group in `sink.scale` and `sink.minimum`
   */
  unpack(bytes: Uint8Array, at: number, sink: BlockSink, value: number, group: number): void;
}

const signed = (byte: number) => (byte << 24) >> 24;

/** 16 bytes of 4-bit numbers: the low halves are the values 0 to 15, the high ones 16 to 31. */
function nibbles(b: Uint8Array, at: number, q: Int8Array, value: number, middle: number): void {
  for (let j = 0; j < 16; j++) {
    const byte = b[at + j]!;
    q[value + j] = (byte & 15) - middle;
    q[value + j + 16] = (byte >> 4) - middle;
  }
}

/** As `nibbles`, with each value's fifth bit in the four bytes at `high`. */
function fiveBits(b: Uint8Array, high: number, at: number, q: Int8Array, value: number): void {
  for (let j = 0; j < 16; j++) {
    const byte = b[at + j]!;
    const low = (b[high + (j >> 3)]! >> (j & 7)) & 1;
    const up = (b[high + 2 + (j >> 3)]! >> (j & 7)) & 1;
    q[value + j] = ((byte & 15) | (low << 4)) - 16;
    q[value + j + 16] = ((byte >> 4) | (up << 4)) - 16;
  }
}

/** Scale and minimum number j of the eight in the 12 bytes of Q4_K and Q5_K, 6 bits each. */
const scaleOf = (b: Uint8Array, at: number, j: number) =>
  j < 4 ? b[at + j]! & 63 : (b[at + j + 4]! & 15) | ((b[at + j - 4]! >> 6) << 4);
const minimumOf = (b: Uint8Array, at: number, j: number) =>
  j < 4 ? b[at + j + 4]! & 63 : (b[at + j + 4]! >> 4) | ((b[at + j]! >> 6) << 4);

/** Scales and minima of the eight groups of Q4_K and Q5_K. */
function kScales(b: Uint8Array, at: number, sink: BlockSink, group: number, middle: number): void {
  const d = half(b, at);
  const least = half(b, at + 2);
  for (let j = 0; j < 8; j++) {
    const scale = d * scaleOf(b, at + 4, j);
    sink.scale[group + j] = scale;
    sink.minimum[group + j] = middle * scale - least * minimumOf(b, at + 4, j);
  }
}

function unpackQ2K(
  b: Uint8Array,
  at: number,
  { q, scale, minimum }: BlockSink,
  value: number,
  group: number,
): void {
  const d = half(b, at + 80);
  const least = half(b, at + 82);
  for (let j = 0; j < 16; j++) {
    scale[group + j] = d * (b[at + j]! & 15);
    minimum[group + j] = 2 * d * (b[at + j]! & 15) - least * (b[at + j]! >> 4);
  }
  for (let i = 0; i < 256; i++) {
    // Two halves of 128 values in 32 bytes each, a layer of 2 bits after the other.
    const byte = b[at + 16 + (i >> 7) * 32 + (i & 31)]!;
    q[value + i] = ((byte >> (2 * ((i >> 5) & 3))) & 3) - 2;
  }
}

function unpackQ3K(b: Uint8Array, at: number, { q, scale }: BlockSink, value: number, group: number): void {
  const d = half(b, at + 108);
  const packed = at + 96;
  for (let j = 0; j < 16; j++) {
    const low = j < 8 ? b[packed + j]! & 15 : b[packed + j - 8]! >> 4;
    const high = (b[packed + 8 + (j & 3)]! >> (2 * (j >> 2))) & 3;
    scale[group + j] = d * ((low | (high << 4)) - 32);
  }
  for (let i = 0; i < 256; i++) {
    const byte = b[at + 32 + (i >> 7) * 32 + (i & 31)]!;
    const high = (b[at + (i & 31)]! >> (i >> 5)) & 1;
    q[value + i] = ((byte >> (2 * ((i >> 5) & 3))) & 3) - (high ? 0 : 4);
  }
}

function unpackQ6K(b: Uint8Array, at: number, { q, scale }: BlockSink, value: number, group: number): void {
  const d = half(b, at + 208);
  for (let j = 0; j < 16; j++) scale[group + j] = d * signed(b[at + 192 + j]!);
  for (let n = 0; n < 2; n++) {
    const low = at + 64 * n;
    const high = at + 128 + 32 * n;
    const to = value + 128 * n;
    for (let j = 0; j < 32; j++) {
      const [a, c, h] = [b[low + j]!, b[low + j + 32]!, b[high + j]!];
      q[to + j] = ((a & 15) | ((h & 3) << 4)) - 32;
      q[to + j + 32] = ((c & 15) | (((h >> 2) & 3) << 4)) - 32;
      q[to + j + 64] = ((a >> 4) | (((h >> 4) & 3) << 4)) - 32;
      q[to + j + 96] = ((c >> 4) | ((h >> 6) << 4)) - 32;
    }
  }
}

const format = (
  group: 16 | 32,
  bits: 4 | 8,
  hasMinimum: boolean,
  unpack: BlockFormat['unpack'],
): BlockFormat => ({ group, bits, hasMinimum, unpack });

/** Types that have a scale for each group of values; a tensor of any other type is not for weights of layers, or unknown here. */
export const blockFormats: Partial<Record<GgmlType, BlockFormat>> = {
  Q4_0: format(32, 4, false, (b, at, { q, scale }, value, group) => {
    scale[group] = half(b, at);
    nibbles(b, at + 2, q, value, 8);
  }),
  Q4_1: format(32, 4, true, (b, at, { q, scale, minimum }, value, group) => {
    scale[group] = half(b, at);
    minimum[group] = half(b, at + 2) + 8 * scale[group]!;
    nibbles(b, at + 4, q, value, 8);
  }),
  Q5_0: format(32, 8, false, (b, at, { q, scale }, value, group) => {
    scale[group] = half(b, at);
    fiveBits(b, at + 2, at + 6, q, value);
  }),
  Q5_1: format(32, 8, true, (b, at, { q, scale, minimum }, value, group) => {
    scale[group] = half(b, at);
    minimum[group] = half(b, at + 2) + 16 * scale[group]!;
    fiveBits(b, at + 4, at + 8, q, value);
  }),
  Q8_0: format(32, 8, false, (b, at, { q, scale }, value, group) => {
    scale[group] = half(b, at);
    for (let j = 0; j < 32; j++) q[value + j] = b[at + 2 + j]!;
  }),
  Q2_K: format(16, 4, true, unpackQ2K),
  Q3_K: format(16, 4, false, unpackQ3K),
  Q4_K: format(32, 4, true, (b, at, sink, value, group) => {
    kScales(b, at, sink, group, 8);
    for (let j = 0; j < 4; j++) {
      for (let i = 0; i < 32; i++) {
        const byte = b[at + 16 + 32 * j + i]!;
        sink.q[value + 64 * j + i] = (byte & 15) - 8;
        sink.q[value + 64 * j + 32 + i] = (byte >> 4) - 8;
      }
    }
  }),
  Q5_K: format(32, 8, true, (b, at, sink, value, group) => {
    kScales(b, at, sink, group, 16);
    for (let j = 0; j < 4; j++) {
      for (let i = 0; i < 32; i++) {
        const byte = b[at + 48 + 32 * j + i]!;
        const high = b[at + 16 + i]! >> (2 * j);
        sink.q[value + 64 * j + i] = ((byte & 15) | ((high & 1) << 4)) - 16;
        sink.q[value + 64 * j + 32 + i] = ((byte >> 4) | ((high & 2) << 3)) - 16;
      }
    }
  }),
  Q6_K: format(16, 8, false, unpackQ6K),
  IQ4_NL: format(32, 8, false, unpackIq4Nl),
  IQ4_XS: format(32, 8, false, unpackIq4Xs),
  MXFP4: format(32, 8, false, unpackMxfp4),
  NVFP4: format(16, 8, false, unpackNvfp4),
  IQ1_S: format(32, 8, false, unpackIq1S),
  IQ1_M: format(16, 8, false, unpackIq1M),
  IQ2_XXS: format(32, 8, false, unpackIq2Xxs),
  IQ2_XS: format(16, 8, false, unpackIq2Xs),
  IQ2_S: format(16, 8, false, unpackIq2S),
  IQ3_XXS: format(32, 8, false, unpackIq3Xxs),
  IQ3_S: format(32, 8, false, unpackIq3S),
  TQ1_0: format(32, 4, false, ternary5),
  TQ2_0: format(32, 4, false, ternary4),
};
