/**
 * A float32 copy of half-precision weights. The CPU computes in float32; with the copy every session of every process
 * maps the same pages, where without it each would widen the weights for itself.
 */

import { inGgufForm, readGgufFloats } from '../files/gguf/rows';
import { readFloats, type StoredTensor } from '../files/safetensors';
import { cachedWeights, cacheFolder, type PlannedTensor } from '../files/weight-cache';
import type { Weights } from '../files/weights';

/** Values read at a time. */
const block = 1 << 22;

/** Also of a GGUF file's. @throws Error when there is no room for the copy or it cannot be written */
export function weightsToFloat32(weights: Weights, folder = cacheFolder()): Promise<Weights> {
  const plan = () => [...weights.entries()].map(([name, t]) => asFloat32(name, t));
  return cachedWeights(weights, 'float32', plan, folder);
}

/** The tensor as float32. */
export function asFloat32(name: string, t: StoredTensor): PlannedTensor {
  return converted(name, t, 'F32', 4, (values) => values);
}

/**
 * The tensor in another type, read and converted a part at a time.
 *
 * @param width bytes of a value in that type
 */
export function converted(
  name: string,
  t: StoredTensor,
  type: PlannedTensor['type'],
  width: number,
  convert: (values: Float32Array) => Float32Array | Uint16Array,
): PlannedTensor {
  const count = t.shape.reduce((n, d) => n * d, 1);
  return {
    name,
    type,
    shape: t.shape,
    length: width * count,
    *pieces() {
      for (let i = 0; i < count; i += block) {
        const { buffer, byteOffset, byteLength } = convert(readPart(t, i, Math.min(block, count - i)));
        yield new Uint8Array(buffer, byteOffset, byteLength);
      }
    },
  };
}

/** `count` values of the tensor from the value number `start` on; of a type in blocks both are multiples of a block's values. */
export function readPart(t: StoredTensor, start: number, count: number): Float32Array {
  if (inGgufForm(t)) return readGgufFloats(t, start, count);
  const width = t.length / t.shape.reduce((n, d) => n * d, 1);
  return readFloats({ ...t, shape: [count], offset: t.offset + start * width, length: count * width });
}
