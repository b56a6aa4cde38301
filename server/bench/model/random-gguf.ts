/** GGUF files of random weights in a published model's dimensions and precision, as the common tools make them. */
import { open } from 'node:fs/promises';
import { seededRandom } from '../../base/random';
import { type ModelConfig, parseConfig } from '../../model/architectures/config';
import { halfBits } from '../../model/files/float16';
import { aligned, ggufHead, ggufName, padded } from './gguf-writer';
import { dimensions, shapesOf } from './random-model';

export const mixes = ['Q8_0', 'Q4_0', 'Q4_K_M'] as const;
export type Mix = (typeof mixes)[number];

interface BlockType {
  /** GGML's number. */
  number: number;
  values: number;
  bytes: number;
  /** Half-precision factors by where they stand in a block, so that weights are of ordinary size; all else is random. */
  factors: Readonly<Record<number, number>>;
}

const blockTypes: Record<'F32' | 'Q4_0' | 'Q8_0' | 'Q4_K' | 'Q6_K', BlockType> = {
  F32: { number: 0, values: 1, bytes: 4, factors: {} },
  Q4_0: { number: 2, values: 32, bytes: 18, factors: { 0: 0.004 } },
  Q8_0: { number: 8, values: 32, bytes: 34, factors: { 0: 0.0003 } },
  Q4_K: { number: 12, values: 256, bytes: 144, factors: { 0: 8e-5, 2: 6e-4 } },
  Q6_K: { number: 14, values: 256, bytes: 210, factors: { 208: 2e-5 } },
};

/** As llama-quantize mixes Q4_K_M: more bits for the output and, in half of the layers, for values and down projections. */
function typeOf(name: string, shape: readonly number[], mix: Mix, layers: number): keyof typeof blockTypes {
  if (shape.length < 2) return 'F32';
  if (mix !== 'Q4_K_M') return mix;
  if (/^(output|token_embd)\./.test(name)) return 'Q6_K';
  const [, number, part] = /^blk\.(\d+)\.(\w+)/.exec(name)!;
  const [layer, eighth] = [Number(number), Math.floor(layers / 8)];
  const more = layer < eighth || layer >= 7 * eighth || (layer - eighth) % 3 === 2;
  return more && (part === 'attn_v' || part === 'ffn_down') ? 'Q6_K' : 'Q4_K';
}

/** @throws Error where rows are no multiple of the mix's blocks */
export async function writeRandomGguf(path: string, dims: string, mix: Mix): Promise<void> {
  const config: ModelConfig = parseConfig(dimensions[dims], 'config.json');
  const tensors = [...shapesOf(config)].map(([of, shape]) => {
    const name = ggufName(of);
    const type = typeOf(name, shape, mix, config.layers);
    const { number, values, bytes } = blockTypes[type];
    if (shape.at(-1)! % values !== 0)
      throw new Error(`${dims} has rows of ${shape.at(-1)} weights, no multiple of ${values}: choose Q8_0.`);
    const count = shape.reduce((n, d) => n * d, 1) / values;
    return { name, shape, kind: type, type: number, bytes: count * bytes };
  });
  const random = seededRandom(1);
  const runs = new Map<string, Uint8Array>();
  const file = await open(path, 'w');
  try {
    await file.writeFile(ggufHead(config, tensors));
    for (const [number, { name, kind, bytes }] of tensors.entries()) {
      if (kind === 'F32') {
        const one = /norm/.test(name) ? 1 : 0;
        await file.writeFile(padded(new Uint8Array(new Float32Array(bytes / 4).fill(one).buffer)));
        continue;
      }
      const run = runs.get(kind) ?? randomBlocks(blockTypes[kind], random);
      runs.set(kind, run);
      // Each tensor begins elsewhere in the run: the runtime keeps equal ones once.
      let from = ((number * 97) % blocksInRun) * blockTypes[kind].bytes;
      for (let done = 0; done < bytes; ) {
        const part = run.subarray(from, from + Math.min(run.length - from, bytes - done));
        done += part.length;
        from = 0;
        await file.writeFile(part);
      }
      await file.writeFile(new Uint8Array(aligned(bytes) - bytes));
    }
  } finally {
    await file.close();
  }
}

const blocksInRun = 32_768;

/** A few megabytes, repeated over all tensors: what is measured does not depend on the numbers. */
function randomBlocks({ bytes, factors }: BlockType, random: () => number): Uint8Array {
  const out = new Uint8Array(blocksInRun * bytes);
  for (let i = 0; i < out.length; i++) out[i] = Math.floor(random() * 256);
  for (let block = 0; block < blocksInRun; block++) {
    for (const [at, factor] of Object.entries(factors)) {
      const bits = halfBits(factor);
      out.set([bits & 255, bits >> 8], block * bytes + Number(at));
    }
  }
  return out;
}
