/**
 * The IQ1, IQ2 and IQ3 types: vectors of 4 or 8 numbers from a table, with signs beside them. They were chosen to take few
 * bits in a file; the numbers themselves fit into 8 bits, exactly.
 */
import { halfToFloat } from '../float16';
import { type BlockSink, half } from './block-sink';
import { codebooks } from './codebooks';

const u16 = (b: Uint8Array, at: number) => b[at]! | (b[at + 1]! << 8);

/** Seven signs and an eighth that makes their number even. */
function evenSigns(seven: number): number {
  let parity = seven ^ (seven >> 4);
  parity ^= parity >> 2;
  parity ^= parity >> 1;
  return seven | ((parity & 1) << 7);
}

/** `width` numbers of vector `index`, those whose bit is set in `signs` negative. */
function put(q: Int8Array, to: number, grid: Int8Array, width: number, index: number, signs: number): void {
  for (let j = 0; j < width; j++) {
    const x = grid[index * width + j]!;
    q[to + j] = (signs >> j) & 1 ? -x : x;
  }
}

/** Scale and signs in 32 bits: four groups of seven signs, and four bits of scale. */
const packedSigns = (word: number, l: number) => evenSigns((word >>> (7 * l)) & 127);
const word = (b: Uint8Array, at: number) => u16(b, at) + u16(b, at + 2) * 65536;

type Unpack = (b: Uint8Array, at: number, sink: BlockSink, value: number, group: number) => void;

export const unpackIq2Xxs: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq2xxs();
  for (let g = 0; g < 8; g++) {
    const from = at + 2 + 8 * g;
    const w = word(b, from + 4);
    scale[group + g] = d * (0.5 + (w >>> 28)) * 0.25;
    for (let l = 0; l < 4; l++) put(q, value + 32 * g + 8 * l, grid, 8, b[from + l]!, packedSigns(w, l));
  }
};

export const unpackIq2Xs: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq2xs();
  for (let g = 0; g < 16; g++) {
    scale[group + g] = d * (0.5 + ((b[at + 66 + (g >> 1)]! >> (4 * (g & 1))) & 15)) * 0.25;
    for (let l = 0; l < 2; l++) {
      const entry = u16(b, at + 2 + 4 * g + 2 * l);
      put(q, value + 16 * g + 8 * l, grid, 8, entry & 511, evenSigns(entry >> 9));
    }
  }
};

export const unpackIq2S: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq2s();
  for (let g = 0; g < 16; g++) {
    scale[group + g] = d * (0.5 + ((b[at + 74 + (g >> 1)]! >> (4 * (g & 1))) & 15)) * 0.25;
  }
  for (let i = 0; i < 32; i++) {
    const index = b[at + 2 + i]! | (((b[at + 66 + (i >> 2)]! >> (2 * (i & 3))) & 3) << 8);
    put(q, value + 8 * i, grid, 8, index, b[at + 34 + i]!);
  }
};

export const unpackIq3Xxs: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq3xxs();
  for (let g = 0; g < 8; g++) {
    const w = word(b, at + 66 + 4 * g);
    scale[group + g] = d * (0.5 + (w >>> 28)) * 0.5;
    for (let l = 0; l < 8; l++) {
      const signs = packedSigns(w, l >> 1) >> (4 * (l & 1));
      put(q, value + 32 * g + 4 * l, grid, 4, b[at + 2 + 8 * g + l]!, signs);
    }
  }
};

export const unpackIq3S: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq3s();
  for (let g = 0; g < 8; g++) {
    scale[group + g] = d * (1 + 2 * ((b[at + 106 + (g >> 1)]! >> (4 * (g & 1))) & 15));
  }
  for (let i = 0; i < 64; i++) {
    const index = b[at + 2 + i]! | (((b[at + 66 + (i >> 3)]! >> (i & 7)) & 1) << 8);
    put(q, value + 4 * i, grid, 4, index, b[at + 74 + (i >> 1)]! >> (4 * (i & 1)));
  }
};

/** Eight numbers −1, 0 or 1, each moved by an eighth up or down: eight times that is whole. */
function moved(q: Int8Array, to: number, grid: Int8Array, index: number, down: boolean): void {
  for (let j = 0; j < 8; j++) q[to + j] = 8 * grid[8 * index + j]! + (down ? -1 : 1);
}

export const unpackIq1S: Unpack = (b, at, { q, scale }, value, group) => {
  const d = half(b, at);
  const grid = codebooks.iq1();
  for (let g = 0; g < 8; g++) {
    const high = u16(b, at + 34 + 2 * g);
    scale[group + g] = (d * (2 * ((high >> 12) & 7) + 1)) / 8;
    for (let l = 0; l < 4; l++) {
      const index = b[at + 2 + 4 * g + l]! | (((high >> (3 * l)) & 7) << 8);
      moved(q, value + 32 * g + 8 * l, grid, index, (high & 0x8000) !== 0);
    }
  }
};

export const unpackIq1M: Unpack = (b, at, { q, scale }, value, group) => {
  const scales = [0, 1, 2, 3].map((k) => u16(b, at + 48 + 2 * k));
  // The scale of the whole block lies in the highest four bits of each.
  const d = halfToFloat(scales.reduce((bits, s, k) => bits | ((s >> 12) << (4 * k)), 0));
  const grid = codebooks.iq1();
  for (let g = 0; g < 16; g++)
    scale[group + g] = (d * (2 * ((scales[g >> 2]! >> (3 * (g & 3))) & 7) + 1)) / 8;
  for (let i = 0; i < 32; i++) {
    const high = b[at + 32 + (i >> 1)]! >> (4 * (i & 1));
    moved(q, value + 8 * i, grid, b[at + i]! | ((high & 7) << 8), (high & 8) !== 0);
  }
};
