/** Quantised types whose numbers are looked up in a table of 16, or are −1, 0 and 1. */
import { type BlockSink, half } from './block-sink';

/** The numbers of IQ4_NL and IQ4_XS. */
const unevenSteps = Int8Array.of(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
/** Twice the 4-bit floating-point numbers of MXFP4. */
const floatSteps = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

function looked(b: Uint8Array, at: number, q: Int8Array, value: number, table: Int8Array): void {
  for (let j = 0; j < 16; j++) {
    const byte = b[at + j]!;
    q[value + j] = table[byte & 15]!;
    q[value + j + 16] = table[byte >> 4]!;
  }
}

export function unpackIq4Nl(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  scale[group] = half(b, at);
  looked(b, at + 2, q, value, unevenSteps);
}

export function unpackIq4Xs(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  const d = half(b, at);
  const high = b[at + 2]! | (b[at + 3]! << 8);
  for (let j = 0; j < 8; j++) {
    const low = (b[at + 4 + (j >> 1)]! >> (4 * (j & 1))) & 15;
    scale[group + j] = d * ((low | (((high >> (2 * j)) & 3) << 4)) - 32);
    looked(b, at + 8 + 16 * j, q, value + 32 * j, unevenSteps);
  }
}

export function unpackMxfp4(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  // The byte is an exponent of two; the numbers are doubled, so the scale is halved.
  scale[group] = 2 ** (b[at]! - 128);
  looked(b, at + 1, q, value, floatSteps);
}

/** TQ1_0: five numbers of three values in a byte, in base 3 as a fraction of 256. */
export function ternary5(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  scale.fill(half(b, at + 52), group, group + 8);
  const digits = (from: number, count: number, places: number, to: number) => {
    for (let n = 0, power = 1; n < places; n++, power *= 3) {
      for (let j = 0; j < count; j++) q[to + n * count + j] = ((((b[from + j]! * power) & 255) * 3) >> 8) - 1;
    }
  };
  digits(at, 32, 5, value);
  digits(at + 32, 16, 5, value + 160);
  digits(at + 48, 4, 4, value + 240);
}

/** TQ2_0: two bits a number. */
export function ternary4(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  scale.fill(half(b, at + 64), group, group + 8);
  for (let i = 0; i < 256; i++) {
    const byte = b[at + (i >> 7) * 32 + (i & 31)]!;
    q[value + i] = ((byte >> (2 * ((i >> 5) & 3))) & 3) - 1;
  }
}

/** An unsigned 8-bit floating-point number: 4 bits of exponent, 3 of fraction. */
function smallFloat(byte: number): number {
  if (byte === 0 || byte === 127) return 0;
  const exponent = (byte >> 3) & 15;
  return exponent === 0 ? (byte & 7) * 2 ** -9 : (1 + (byte & 7) / 8) * 2 ** (exponent - 7);
}

/** NVFP4: four groups of 16 values, 8 bytes each. */
export function unpackNvfp4(
  b: Uint8Array,
  at: number,
  { q, scale }: BlockSink,
  value: number,
  group: number,
): void {
  for (let g = 0; g < 4; g++) {
    // As in MXFP4 the numbers are doubled.
    scale[group + g] = smallFloat(b[at + g]!) / 2;
    for (let j = 0; j < 8; j++) {
      const byte = b[at + 4 + 8 * g + j]!;
      q[value + 16 * g + j] = floatSteps[byte & 15]!;
      q[value + 16 * g + 8 + j] = floatSteps[byte >> 4]!;
    }
  }
}
