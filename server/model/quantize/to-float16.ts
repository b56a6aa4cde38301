/** Weights of the linear layers as 16-bit floating-point numbers, for graphics devices: half the memory, half the reading. */

import { ModelError } from '../errors';
import { halfBits } from '../files/float16';
import type { StoredTensor } from '../files/safetensors';
import { cachedWeights, cacheFolder, type PlannedTensor } from '../files/weight-cache';
import type { Weights } from '../files/weights';
import { asFloat32, converted } from './to-float32';

const largestHalf = 65504;

/**
 * A file with every matrix in float16 and the vectors (norms, biases) in float32.
 *
 * @throws ModelError where a weight is too large for float16; Error when there is no room for the file
 */
export function weightsToFloat16(weights: Weights, folder = cacheFolder()): Promise<Weights> {
  const plan = () =>
    [...weights.entries()].map(([name, t]) =>
      t.shape.length === 2 ? asFloat16(name, t) : asFloat32(name, t),
    );
  return cachedWeights(weights, 'float16', plan, folder);
}

function asFloat16(name: string, t: StoredTensor): PlannedTensor {
  return converted(name, t, 'F16', 2, (values) => {
    const bits = new Uint16Array(values.length);
    for (let j = 0; j < bits.length; j++) {
      if (Math.abs(values[j]!) > largestHalf)
        throw new ModelError(
          `${t.file}: the tensor ${name} holds ${values[j]}, too large for float16: use float32.`,
        );
      bits[j] = halfBits(values[j]!);
    }
    return bits;
  });
}
