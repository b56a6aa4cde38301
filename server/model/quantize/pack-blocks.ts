/**
 * The quantised tensors of a GGUF file in the arrangement that `MatMulNBits` and `GatherBlockQuantized` take: numbers, scales
 * and minima apart. The numbers are the file's own. What has a minimum is multiplied in two parts,
 *
 *     x·Wᵀ = x·(scale·q)ᵀ + S·Mᵀ,   S the sums of x over each block, M the blocks' minima,
 *
 * so that the fast products with a fixed zero serve every type.
 */
import { type BlockFormat, blockFormats } from '../files/gguf/blocks';
import { formatOf, inGgufForm, readBlocks } from '../files/gguf/rows';
import type { GgmlType } from '../files/gguf/types';
import type { StoredTensor } from '../files/safetensors';
import { cachedWeights, cacheFolder, type PlannedTensor } from '../files/weight-cache';
import { packedKind, type Weights, zeroName } from '../files/weights';
import { asFloat32 } from './to-float32';

/**
 * @param weights of a GGUF file that has quantised tensors
 * @throws ModelError for a type that cannot be read; Error when there is no room for the file or it cannot be written
 */
export function packBlocks(weights: Weights, folder = cacheFolder()): Promise<Weights> {
  return cachedWeights(weights, packedKind, () => plan(weights), folder);
}

/** Bytes that `packBlocks` makes of these weights. */
export function packedBytes(weights: Weights): number {
  return plan(weights).reduce((sum, t) => sum + t.length, 0);
}

/** Quantised types that take more room here than in the file, and what they are kept in. */
export function widenedTypes(weights: Weights): GgmlType[] {
  const types = new Set<GgmlType>();
  for (const [, t] of weights.entries()) {
    const type = t.type as GgmlType;
    if (/^(IQ|MXFP|NVFP)/.test(type) && inGgufForm(t)) types.add(type);
  }
  return [...types];
}

function plan(weights: Weights): PlannedTensor[] {
  const tensors: PlannedTensor[] = [];
  const zeros = { 4: 0, 8: 0 };
  for (const [name, t] of weights.entries()) {
    // Vectors and tables in plain numbers are few; layers in plain numbers are multiplied so.
    if (!isPacked(t)) {
      tensors.push(asFloat32(name, t));
      continue;
    }
    const { bits, group } = formatOf(t);
    const blocks = t.shape.reduce((n, d) => n * d, 1) / group;
    zeros[bits] = Math.max(zeros[bits], blocks);
    tensors.push(...packed(name, t));
  }
  for (const bits of [4, 8] as const) if (zeros[bits] > 0) tensors.push(zeroTensor(zeros[bits], bits));
  return tensors;
}

const isPacked = (t: StoredTensor) => Object.hasOwn(blockFormats, t.type);

/** The number for zero, once for each block of the largest weight: gradients need it. */
function zeroTensor(blocks: number, bits: 4 | 8): PlannedTensor {
  const length = Math.ceil((blocks * bits) / 8);
  const bytes = () => new Uint8Array(length).fill(bits === 8 ? 0x80 : 0x88);
  return { name: zeroName(bits), type: 'U8', shape: [length], length, pieces: () => [bytes()] };
}

/** Values read at a time. */
const chunk = 1 << 22;

function packed(name: string, t: StoredTensor): PlannedTensor[] {
  const format = formatOf(t);
  const { bits, group, hasMinimum } = format;
  const [outputs, inputs] = t.shape as [number, number];
  const blocks = inputs / group;
  const bytes = (group * bits) / 8;
  const scales = new Scales(t, format);
  const floats = (which: 'scale' | 'minimum'): PlannedTensor => ({
    name: `${name}.int${bits}.${which}`,
    type: 'F32',
    shape: [outputs, blocks],
    length: outputs * blocks * 4,
    *pieces() {
      const { buffer, byteOffset, byteLength } = scales.all()[which];
      yield new Uint8Array(buffer, byteOffset, byteLength);
      if (which === 'minimum' || !hasMinimum) scales.forget();
    },
  });
  return [
    {
      name: `${name}.int${bits}`,
      type: 'U8',
      shape: [outputs, blocks, bytes],
      length: outputs * blocks * bytes,
      *pieces() {
        for (const { q } of scales.read()) yield bits === 8 ? bytesOf(q) : nibblesOf(q);
      },
    },
    floats('scale'),
    ...(hasMinimum ? [floats('minimum')] : []),
  ];
}

/** Scales and minima of a tensor: kept while its numbers are written, or read again where writing goes on behind them. */
class Scales {
  private kept: { scale: Float32Array; minimum: Float32Array } | undefined;

  constructor(
    private readonly tensor: StoredTensor,
    private readonly format: BlockFormat,
  ) {}

  *read(): Generator<ReturnType<typeof readBlocks>> {
    const [outputs, inputs] = this.tensor.shape as [number, number];
    const groups = (outputs * inputs) / this.format.group;
    const scale = new Float32Array(groups);
    const minimum = new Float32Array(this.format.hasMinimum ? groups : 0);
    const rows = Math.max(1, Math.floor(chunk / inputs));
    for (let row = 0, g = 0; row < outputs; row += rows) {
      const part = readBlocks(this.tensor, row, Math.min(rows, outputs - row));
      scale.set(part.scale, g);
      minimum.set(part.minimum, this.format.hasMinimum ? g : 0);
      g += part.scale.length;
      yield part;
    }
    this.kept = { scale, minimum };
  }

  all(): { scale: Float32Array; minimum: Float32Array } {
    if (!this.kept) for (const _ of this.read());
    return this.kept!;
  }

  forget(): void {
    this.kept = undefined;
  }
}

/** Signed numbers moved so that zero is 128. */
function bytesOf(q: Int8Array): Uint8Array {
  const out = new Uint8Array(q.length);
  for (let i = 0; i < out.length; i++) out[i] = q[i]! + 128;
  return out;
}

/** Signed numbers moved so that zero is 8, two in a byte, the even one in its low half. */
function nibblesOf(q: Int8Array): Uint8Array {
  const out = new Uint8Array(q.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = (q[2 * i]! + 8) | ((q[2 * i + 1]! + 8) << 4);
  return out;
}
