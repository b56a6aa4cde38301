/** Quantized weights turned back into numbers, by the definition of the format and not by the runtime. */
import type { Bits } from '../../../server/model/quantize/quantize';

/** @param packed bytes and @param scales of rows of `inputs` values in blocks of 32 */
export function dequantize(packed: Uint8Array, scales: Float32Array, bits: Bits, inputs: number): number[] {
  const blocks = Math.ceil(inputs / 32);
  const out: number[] = [];
  for (let b = 0; b < scales.length; b++) {
    const count = Math.min(32, inputs - (b % blocks) * 32);
    for (let i = 0; i < count; i++) {
      const at = b * 32 + i;
      const byte = packed[bits === 8 ? at : at >> 1]!;
      const q = bits === 8 ? byte : i % 2 ? byte >> 4 : byte & 15;
      out.push(scales[b]! * (q - (bits === 8 ? 128 : 8)));
    }
  }
  return out;
}
