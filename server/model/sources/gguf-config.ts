/** The sizes of a model in a GGUF file, brought to the form of config.json. */
import { architectures } from '../architectures';
import type { Architecture, Json } from '../architectures/architecture';
import { type ModelConfig, parseConfig } from '../architectures/config';
import { ModelError } from '../errors';
import type { GgufFile, GgufValue } from '../files/gguf/header';
import { readFloats } from '../files/safetensors';

/** @throws ModelError naming the file where the architecture is unknown or a size cannot be used */
export function ggufConfig(file: GgufFile): ModelConfig {
  const bad = (what: string) => new ModelError(`${file.path} cannot be used: ${what}. Choose another file.`);
  const architecture = architectureOf(file);
  const family = architecture.gguf!.name;
  const get = (key: string) => file.metadata.get(`${family}.${key}`);
  const count = (key: string, fallback?: number): number => {
    const value = sameEverywhere(get(key)) ?? fallback;
    if (value === undefined) throw bad(`it lacks the setting ${family}.${key}`);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 2 ** 31)
      throw bad(
        `${family}.${key} is ${shown(value)} and must be a positive whole number, the same in every layer`,
      );
    return value;
  };
  const number = (key: string): number | undefined => {
    const value = get(key);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw bad(`${family}.${key} is ${shown(value)}`);
    return value;
  };
  if ((number('expert_count') ?? 0) > 0) throw bad('it is a mixture of experts, which Hindsight cannot run');
  const heads = count('attention.head_count');
  const hiddenSize = count('embedding_length');
  const headDim = count('attention.key_length', Math.floor(hiddenSize / heads));
  if (count('attention.value_length', headDim) !== headDim)
    throw bad('its keys and values differ in size, which Hindsight cannot run');
  if (count('rope.dimension_count', headDim) !== headDim)
    throw bad('it rotates only a part of each head, which Hindsight cannot run');
  const epsilon = architecture.norm.kind === 'rms' ? 'layer_norm_rms_epsilon' : 'layer_norm_epsilon';
  const table = file.tensors.get('token_embd.weight');
  if (table?.shape.length !== 2) throw bad('it lacks the tensor token_embd.weight');
  const json: Json = {
    model_type: architecture.name,
    vocab_size: table.shape[0],
    hidden_size: hiddenSize,
    intermediate_size: count('feed_forward_length'),
    num_hidden_layers: count('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: count('attention.head_count_kv', heads),
    head_dim: headDim,
    max_position_embeddings: count('context_length'),
    [architecture.norm.epsilonKey]: number(`attention.${epsilon}`),
    rope_theta: number('rope.freq_base') ?? 10000,
    rope_scaling: ropeScaling(get, number, bad),
    tie_word_embeddings: !file.tensors.has('output.weight'),
    // No file says it where its family's models see everything.
    sliding_window: number('attention.sliding_window') ?? null,
  };
  const config = parseConfig(json, file.path);
  const has = (name: string) => file.tensors.has(`blk.0.${name}.bias`);
  const biases = {
    queryKeyValue: has('attn_q'),
    attentionOutput: has('attn_output'),
    mlp: has('ffn_up'),
  };
  const divisors = frequencyDivisors(file, headDim, bad);
  return { ...config, biases, rope: { ...config.rope, ...(divisors ? { divisors } : {}) } };
}

function architectureOf(file: GgufFile): Architecture {
  const name = file.metadata.get('general.architecture');
  const known = architectures.find(({ gguf }) => gguf !== null && gguf.name === name);
  if (known) return known;
  const names = architectures.flatMap(({ gguf }) => gguf?.name ?? []);
  throw new ModelError(
    `${file.path} holds a model of the architecture ${shown(name ?? null)}, which Hindsight cannot run: ` +
      `choose a model of one of the architectures ${names.join(', ')}.`,
  );
}

const shown = (value: unknown) =>
  JSON.stringify(typeof value === 'bigint' ? String(value) : value)?.slice(0, 60) ?? String(value);

/** A size that is given for each layer, where all have the same. */
function sameEverywhere(value: GgufValue | undefined): GgufValue | undefined {
  if (!Array.isArray(value) || value.length === 0) return value;
  return value.every((v) => v === value[0]) ? value[0] : value;
}

type Bad = (what: string) => ModelError;

function ropeScaling(
  get: (key: string) => GgufValue | undefined,
  number: (key: string) => number | undefined,
  bad: Bad,
): Json | null {
  const older = number('rope.scale_linear');
  const kind = get('rope.scaling.type') ?? (older === undefined ? 'none' : 'linear');
  const factor = number('rope.scaling.factor') ?? older ?? 1;
  if (kind === 'none' || factor === 1) return null;
  if (kind === 'linear') return { rope_type: 'linear', factor };
  if (kind !== 'yarn') throw bad(`its rope scaling ${shown(kind)} is unknown (known: none, linear, yarn)`);
  const attention = number('rope.scaling.attn_factor');
  return {
    rope_type: 'yarn',
    factor,
    ...optional('original_max_position_embeddings', number('rope.scaling.original_context_length')),
    ...optional('beta_fast', number('rope.scaling.yarn_beta_fast')),
    ...optional('beta_slow', number('rope.scaling.yarn_beta_slow')),
    ...(attention === undefined || attention === 1
      ? {}
      : { attention_factor: attention * (0.1 * Math.log(factor) + 1) }),
  };
}

const optional = (key: string, value: number | undefined): Json =>
  value === undefined ? {} : { [key]: value };

/** Llama 3's scaling is stored as what each frequency is divided by. */
function frequencyDivisors(file: GgufFile, headDim: number, bad: Bad): number[] | undefined {
  const t = file.tensors.get('rope_freqs.weight');
  if (!t) return undefined;
  if (t.type !== 'F32' || t.shape.length !== 1 || t.shape[0] !== headDim / 2)
    throw bad(
      `its tensor rope_freqs.weight has the shape [${t.shape}] of ${t.type} and must be [${headDim / 2}] of F32`,
    );
  const values = Array.from(readFloats({ ...t, file: file.path }));
  if (!values.every((v) => Number.isFinite(v) && v > 0))
    throw bad('its tensor rope_freqs.weight holds no divisors');
  return values;
}
