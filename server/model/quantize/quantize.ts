/**
 * Weights of the linear layers in 8 or 4 bits: a token costs the time of reading every weight once, and as the frozen base
 * under an adapter they leave memory for its training. Blocks of 32 values along the input share a scale:
 * w ≈ scale · (q − zero), zero = 128 or 8. The bytes are at once those of `MatMulNBits` and those of a row-major
 * uint8 or uint4 matrix for `DequantizeLinear`, so that both directions read the same place of one file.
 */

import type { ModelConfig } from '../architectures/config';
import { linearModules, storedName } from '../architectures/linear-modules';
import { ModelError } from '../errors';
import type { StoredTensor } from '../files/safetensors';
import { cachedWeights, cacheFolder, type PlannedTensor } from '../files/weight-cache';
import { type Weights, zeroName } from '../files/weights';
import { asFloat32, readPart } from './to-float32';

export type Bits = 4 | 8;

/** Values that share a scale. */
const quantizedBlock = 32;

/**
 * A file with every linear layer quantised, and the other tensors as they are needed beside them.
 *
 * @throws Error when there is no room for the file or it cannot be written
 */
export function quantizeWeights(
  weights: Weights,
  config: ModelConfig,
  bits: Bits,
  folder = cacheFolder(),
): Promise<Weights> {
  return cachedWeights(weights, `int${bits} with zeros`, () => plan(weights, config, bits), folder);
}

function plan(weights: Weights, config: ModelConfig, bits: Bits): PlannedTensor[] {
  const tensors: PlannedTensor[] = [];
  const done = new Set<StoredTensor>();
  for (const m of linearModules(config)) {
    const name = `${storedName(config, m.name)}.weight`;
    const t = weights.require(name, [m.outputs, m.inputs]);
    tensors.push(...quantized(name, t, bits));
    // A tied output layer's weight is the embedding's table as well, and stays.
    if (name !== `${config.architecture.names.embedding}.weight`) done.add(t);
  }
  for (const [name, t] of weights.entries()) if (!done.has(t)) tensors.push(asFloat32(name, t));
  tensors.push(zeros(Math.max(...linearModules(config).map(blocksOf)), bits));
  return tensors;
}

const blocksOf = (m: { inputs: number; outputs: number }) => m.outputs * Math.ceil(m.inputs / quantizedBlock);

/** The number for zero, once for each block of the largest weight. */
function zeros(blocks: number, bits: Bits): PlannedTensor {
  const length = Math.ceil((blocks * bits) / 8);
  const bytes = () => new Uint8Array(length).fill(bits === 8 ? 0x80 : 0x88);
  return { name: zeroName(bits), type: 'U8', shape: [length], length, pieces: () => [bytes()] };
}

/** Names of a quantised weight's two tensors, which `Weights.quantized` looks for. */
const packedName = (name: string, bits: Bits) => `${name}.int${bits}`;
const scaleName = (name: string, bits: Bits) => `${name}.int${bits}.scale`;

function quantized(name: string, t: StoredTensor, bits: Bits): PlannedTensor[] {
  const [outputs, inputs] = t.shape as [number, number];
  const blocks = Math.ceil(inputs / quantizedBlock);
  const bytes = (quantizedBlock * bits) / 8;
  const rows = Math.max(1, Math.floor((1 << 22) / inputs));
  const finite = (scales: Float32Array) => {
    if (scales.every(Number.isFinite)) return scales;
    throw new ModelError(
      `${t.file}: the tensor ${name} holds weights that are no numbers (NaN or infinite): they are damaged, download them again.`,
    );
  };
  // The two tensors are written one after the other, so the scales are worked out twice: that is cheap.
  function* pieces(make: (values: Float32Array, rows: number) => Uint8Array) {
    for (let row = 0; row < outputs; row += rows) {
      const n = Math.min(rows, outputs - row);
      yield make(readPart(t, row * inputs, n * inputs), n);
    }
  }
  return [
    {
      name: packedName(name, bits),
      type: 'U8',
      shape: [outputs, blocks, bytes],
      length: outputs * blocks * bytes,
      pieces: () => pieces((values, n) => packRows(values, n, bits, finite(scalesOf(values, n, bits)))),
    },
    {
      name: scaleName(name, bits),
      type: 'F32',
      shape: [outputs, blocks],
      length: outputs * blocks * 4,
      pieces: () => pieces((values, n) => new Uint8Array(scalesOf(values, n, bits).buffer)),
    },
  ];
}

/** The scale of each block of `rows` rows of values, [rows, blocks]: its largest value takes the largest number. */
export function scalesOf(values: Float32Array, rows: number, bits: Bits): Float32Array {
  const inputs = values.length / rows;
  const blocks = Math.ceil(inputs / quantizedBlock);
  const scales = new Float32Array(rows * blocks);
  for (let row = 0, b = 0; row < rows; row++) {
    for (let start = 0; start < inputs; start += quantizedBlock, b++) {
      const end = Math.min(start + quantizedBlock, inputs);
      let largest = 0;
      for (let i = row * inputs + start; i < row * inputs + end; i++) {
        const size = values[i]! < 0 ? -values[i]! : values[i]!;
        // What is no number stays, and is said by the caller.
        if (size > largest || Number.isNaN(size)) largest = size;
      }
      scales[b] = largest === 0 ? 1 : largest / ((1 << (bits - 1)) - 1);
    }
  }
  return scales;
}

/** Numbers of `rows` rows of values, [rows, blocks, bytes]. In 4 bits the even value of a pair is the low half of its byte. */
export function packRows(values: Float32Array, rows: number, bits: Bits, scales: Float32Array): Uint8Array {
  const inputs = values.length / rows;
  const zero = 1 << (bits - 1);
  const width = scales.length * quantizedBlock;
  // A block that the row does not fill ends in zeros.
  const numbers = new Uint8Array(width).fill(zero);
  for (let row = 0, b = 0; row < rows; row++) {
    for (let start = 0; start < inputs; start += quantizedBlock, b++) {
      const inverse = 1 / scales[b]!;
      const from = row * inputs + start;
      const count = Math.min(quantizedBlock, inputs - start);
      const to = b * quantizedBlock;
      // Never negative, so that cutting off the fraction rounds to the nearest.
      for (let i = 0; i < count; i++) numbers[to + i] = values[from + i]! * inverse + zero + 0.5;
    }
  }
  if (bits === 8) return numbers;
  const halves = new Uint8Array(width / 2);
  for (let i = 0; i < halves.length; i++) halves[i] = numbers[2 * i]! | (numbers[2 * i + 1]! << 4);
  return halves;
}
