/** Rotary position embedding: the scaling variants that published models use, as tables of cosines and sines. */
import type { ModelError } from '../errors';
import type { Json } from './architecture';

export interface Rope {
  kind: 'default' | 'linear' | 'dynamic' | 'llama3' | 'yarn';
  theta: number;
  headDim: number;
  /** Longest context of the configuration, in tokens. */
  contextLength: number;
  factor: number;
  /** Context the model was first trained on (llama3, yarn). */
  originalContext: number;
  lowFrequencyFactor: number;
  highFrequencyFactor: number;
  betaFast: number;
  betaSlow: number;
  truncate: boolean;
  /** Cosines and sines are multiplied by this (yarn); 1 elsewhere. */
  attentionFactor: number;
  /** Each frequency is divided by its number here, [headDim / 2]; absent where none is. */
  divisors?: readonly number[];
}

/**
 * Reads the old keys (`rope_theta`, `rope_scaling` with `type`) and the new (`rope_parameters` with `rope_type`).
 *
 * @param standard θ where config.json gives none
 */
export function parseRope(
  c: Json,
  size: { headDim: number; contextLength: number },
  standard: number,
  bad: (what: string) => ModelError,
): Rope {
  const scaling = { ...((c.rope_scaling ?? {}) as Json), ...perModel(c.rope_parameters, bad) };
  const number = (key: string, fallback: number): number => {
    const value = scaling[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw bad(`${key} of the rope scaling is no number`);
    return value;
  };
  const kind = scaling.rope_type ?? scaling.type ?? 'default';
  const kinds = ['default', 'linear', 'dynamic', 'llama3', 'yarn'];
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    throw bad(`its rope scaling ${JSON.stringify(kind)} is unknown (known: ${kinds.join(', ')})`);
  }
  if (number('partial_rotary_factor', (c.partial_rotary_factor as number | undefined) ?? 1) !== 1) {
    throw bad('it rotates only a part of each head, which is unknown in this layout');
  }
  const theta = number('rope_theta', (c.rope_theta as number | undefined) ?? standard);
  const factor = number('factor', 1);
  if (theta <= 0 || factor <= 0) throw bad('rope_theta and the factor of the rope scaling must be above 0');
  const originalContext = number(
    'original_max_position_embeddings',
    (c.original_max_position_embeddings as number | undefined) ?? size.contextLength,
  );
  return {
    kind: kind as Rope['kind'],
    theta,
    ...size,
    factor,
    originalContext,
    lowFrequencyFactor: number('low_freq_factor', 1),
    highFrequencyFactor: number('high_freq_factor', 4),
    betaFast: number('beta_fast', 32),
    betaSlow: number('beta_slow', 1),
    truncate: scaling.truncate !== false,
    attentionFactor: kind === 'yarn' ? yarnAttentionFactor(number, scaling, factor) : 1,
  };
}

/** Parameters that are given for each type of layer, where all types have the same. */
function perModel(parameters: unknown, bad: (what: string) => ModelError): Json {
  const given = (parameters ?? {}) as Json;
  const nested = Object.values(given).filter((v) => typeof v === 'object' && v !== null);
  if (nested.length === 0) return given;
  if (new Set(nested.map((v) => JSON.stringify(v))).size > 1)
    throw bad('its rope_parameters differ between layers, which is unknown in this layout');
  return nested[0] as Json;
}

function yarnAttentionFactor(
  number: (key: string, fallback: number) => number,
  scaling: Json,
  factor: number,
): number {
  if (scaling.attention_factor !== undefined && scaling.attention_factor !== null)
    return number('attention_factor', 1);
  const scale = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const all = number('mscale_all_dim', 0);
  return all && number('mscale', 0) ? scale(number('mscale', 0)) / scale(all) : scale(1);
}

/**
 * Angle per position of each pair of dimensions, [headDim / 2].
 *
 * @param length tokens in the whole sequence: only `dynamic` depends on it, beyond the configured context
 */
export function inverseFrequencies(rope: Rope, length: number): Float64Array {
  const frequencies = scaledFrequencies(rope, length);
  const { divisors } = rope;
  return divisors ? frequencies.map((f, i) => f / divisors[i]!) : frequencies;
}

function scaledFrequencies(rope: Rope, length: number): Float64Array {
  const half = rope.headDim / 2;
  let theta = rope.theta;
  if (rope.kind === 'dynamic' && length > rope.contextLength) {
    const stretch = (rope.factor * length) / rope.contextLength - (rope.factor - 1);
    theta *= stretch ** (rope.headDim / (rope.headDim - 2));
  }
  const plain = Float64Array.from({ length: half }, (_, i) => 1 / theta ** ((2 * i) / rope.headDim));
  if (rope.kind === 'linear') return plain.map((f) => f / rope.factor);
  if (rope.kind === 'llama3') return plain.map((f) => llama3(rope, f));
  if (rope.kind === 'yarn') return yarn(rope, plain);
  return plain;
}

function llama3(rope: Rope, frequency: number): number {
  const wavelength = (2 * Math.PI) / frequency;
  const { originalContext: context, lowFrequencyFactor: low, highFrequencyFactor: high } = rope;
  if (wavelength > context / low) return frequency / rope.factor;
  if (wavelength < context / high) return frequency;
  const smooth = (context / wavelength - low) / (high - low);
  return ((1 - smooth) * frequency) / rope.factor + smooth * frequency;
}

function yarn(rope: Rope, plain: Float64Array): Float64Array {
  const dimension = (rotations: number) =>
    (rope.headDim * Math.log(rope.originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(rope.theta));
  let low = dimension(rope.betaFast);
  let high = dimension(rope.betaSlow);
  if (rope.truncate) [low, high] = [Math.floor(low), Math.ceil(high)];
  low = Math.max(low, 0);
  high = Math.min(high, rope.headDim - 1);
  if (low === high) high += 0.001;
  return plain.map((f, i) => {
    const ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
    return (f / rope.factor) * ramp + f * (1 - ramp);
  });
}

/** Cosines and sines of positions 0…length−1, each [length, headDim / 2] row-major. */
export function rotaryTables(
  rope: Rope,
  length: number,
  sequence = length,
): { cos: Float32Array; sin: Float32Array } {
  // PyTorch multiplies the angle in float32; so does this, or far positions would differ.
  const frequencies = Float32Array.from(inverseFrequencies(rope, sequence));
  const half = frequencies.length;
  const cos = new Float32Array(length * half);
  const sin = new Float32Array(length * half);
  for (let t = 0; t < length; t++) {
    for (let i = 0; i < half; i++) {
      const angle = Math.fround(t * frequencies[i]!);
      cos[t * half + i] = Math.cos(angle) * rope.attentionFactor;
      sin[t * half + i] = Math.sin(angle) * rope.attentionFactor;
    }
  }
  return { cos, sin };
}
