/** A LoRA adapter in memory: which factors belong to which layer, a new one, and its fingerprint. */
import { createHash } from 'node:crypto';
import type { LinearModule } from './architectures/linear-modules';
import { ModelError } from './errors';
import type { Adapter } from './types';

const prefix = 'base_model.model.';

/** PEFT's name of a module's factor. */
export const tensorName = (module: string, factor: 'A' | 'B') => `${prefix}${module}.lora_${factor}.weight`;

/** One module's factors: A [rank, inputs], B [outputs, rank]; ΔW = scale · B·A. */
export interface LoraFactors {
  a: Float32Array;
  b: Float32Array;
  rank: number;
  scale: number;
}

/**
 * The adapter's factors by module.
 *
 * @throws ModelError when a tensor belongs to no linear layer of this model or does not fit it
 */
export function adapterModules(
  adapter: Adapter,
  modules: readonly LinearModule[],
  where = 'The adapter',
): Map<string, LoraFactors> {
  const out = new Map<string, LoraFactors>();
  const rest = new Set(adapter.tensors.keys());
  for (const module of modules) {
    const [a, b] = [
      adapter.tensors.get(tensorName(module.name, 'A')),
      adapter.tensors.get(tensorName(module.name, 'B')),
    ];
    if (!a && !b) continue;
    if (!a || !b) throw new ModelError(`${where} has only one factor for ${module.name}: train it again.`);
    const rank = a.shape[0]!;
    if (
      a.shape.length !== 2 ||
      a.shape[1] !== module.inputs ||
      b.shape[0] !== module.outputs ||
      b.shape[1] !== rank
    ) {
      throw new ModelError(
        `${where} was made for another model: its factors for ${module.name} are [${a.shape}] and [${b.shape}], ` +
          `and this layer is [${module.outputs},${module.inputs}].`,
      );
    }
    const scale = adapter.scales?.get(module.name) ?? adapter.alpha / adapter.rank;
    out.set(module.name, { a: a.data, b: b.data, rank, scale });
    rest.delete(tensorName(module.name, 'A'));
    rest.delete(tensorName(module.name, 'B'));
  }
  for (const [name, shape] of adapter.copies ?? []) {
    const head = modules.at(-1)!;
    if (shape[0] !== head.outputs || shape[1] !== head.inputs) {
      throw new ModelError(
        `${where} was made for another model: its ${name} is [${shape}], and this one's is [${head.outputs},${head.inputs}].`,
      );
    }
  }
  const [stray] = rest;
  if (stray) throw new ModelError(`${where} was made for another model: this one has no place for ${stray}.`);
  return out;
}

/** SHA-256 over names and numbers, first 16 hex digits. */
export function adapterHash(adapter: Omit<Adapter, 'hash'>): string {
  const hash = createHash('sha256');
  hash.update(`${adapter.rank} ${adapter.alpha}`);
  if (adapter.positions) hash.update(` ${adapter.positions}`);
  for (const name of [...adapter.tensors.keys()].sort()) {
    const { shape, data } = adapter.tensors.get(name)!;
    hash.update(`${name} ${shape}`);
    hash.update(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}

/** A copy of the tensors as an adapter, with its hash. */
export function makeAdapter(parts: Omit<Adapter, 'hash'>): Adapter {
  return { ...parts, hash: adapterHash(parts) };
}

/**
 * A new adapter: A Kaiming-uniform (bound 1/√inputs, as PEFT's) from the seed, B zero, so that it changes nothing yet.
 */
export function freshAdapter(
  modules: readonly LinearModule[],
  options: { rank: number; alpha: number; random: () => number; positions?: 'response' },
): Adapter {
  const { rank, alpha, random, positions } = options;
  const tensors: Adapter['tensors'] = new Map();
  for (const m of modules) {
    const bound = 1 / Math.sqrt(m.inputs);
    const a = Float32Array.from({ length: rank * m.inputs }, () => (2 * random() - 1) * bound);
    tensors.set(tensorName(m.name, 'A'), { shape: [rank, m.inputs], data: a });
    tensors.set(tensorName(m.name, 'B'), {
      shape: [m.outputs, rank],
      data: new Float32Array(m.outputs * rank),
    });
  }
  return makeAdapter({ rank, alpha, tensors, ...(positions ? { positions } : {}) });
}
