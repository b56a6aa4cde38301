/** config.json of a Hugging Face model folder, brought to one form for every layout this compiler knows. */
import { ModelError } from '../errors';
import { parseRope, type Rope } from './rope';

export type Architecture = 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'starcoder2';
export type Activation = 'silu' | 'gelu' | 'gelu_tanh' | 'relu';

export interface ModelConfig {
  layout: Architecture;
  vocabularySize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headDim: number;
  /** Longest context in tokens. */
  contextLength: number;
  norm: 'rms' | 'layer';
  normEpsilon: number;
  /** RMS norm of each head's query and key before the rotation (Qwen3). */
  queryKeyNorm: boolean;
  biases: { queryKeyValue: boolean; attentionOutput: boolean; mlp: boolean };
  mlp: 'gated' | 'plain';
  activation: Activation;
  /** The output layer shares the embedding's weight. */
  tied: boolean;
  /** For each layer, how many tokens back (itself included) a position sees; null is all. */
  windows: (number | null)[];
  rope: Rope;
  endIds: number[];
}

type Json = Record<string, unknown>;

const layouts: readonly Architecture[] = ['llama', 'mistral', 'qwen2', 'qwen3', 'starcoder2'];

const activations: Record<string, Activation> = {
  silu: 'silu',
  swish: 'silu',
  gelu: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  relu: 'relu',
};

/**
 * @param json the parsed config.json
 * @param path its path, for messages
 * @throws ModelError naming the file when the layout is unknown or a value cannot be used
 */
export function parseConfig(json: unknown, path: string): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ModelError(`${path} is not a model's configuration: it holds no JSON object.`);
  }
  const c = json as Json;
  const layout = c.model_type as Architecture;
  if (!layouts.includes(layout)) {
    throw new ModelError(
      `${path} describes the layout ${JSON.stringify(c.model_type ?? null)}, which Hindsight cannot run: ` +
        `choose a model of one of the layouts ${layouts.join(', ')}.`,
    );
  }
  if (c.quantization_config) {
    throw new ModelError(`${path} describes quantised weights: choose the model's f32, f16 or bf16 version.`);
  }
  const bad = (what: string) => new ModelError(`${path} cannot be used: ${what}.`);
  const count = (key: string, fallback?: number): number => {
    const value = c[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > 2 ** 31) {
      throw bad(`${key} is ${JSON.stringify(c[key] ?? null)} and must be a positive whole number`);
    }
    return value as number;
  };
  const heads = count('num_attention_heads');
  const hiddenSize = count('hidden_size');
  const keyValueHeads = count(
    'num_key_value_heads',
    layout === 'starcoder2' ? 2 : layout === 'mistral' ? 8 : heads,
  );
  const headDim = count('head_dim', layout === 'qwen3' ? 128 : Math.floor(hiddenSize / heads));
  if (heads % keyValueHeads !== 0)
    throw bad(`${heads} attention heads do not divide by ${keyValueHeads} key-value heads`);
  if (headDim % 2 !== 0) throw bad(`a head dimension of ${headDim} is odd`);
  const act = c.hidden_act ?? (layout === 'starcoder2' ? 'gelu_pytorch_tanh' : 'silu');
  const activation =
    typeof act === 'string' && Object.hasOwn(activations, act) ? activations[act] : undefined;
  if (!activation) throw bad(`the activation ${JSON.stringify(act)} is unknown`);
  const layers = count('num_hidden_layers');
  if (layers > 1000) throw bad(`${layers} layers are too many`);
  const contextLength = count('max_position_embeddings', defaultContext[layout]);
  const epsilon =
    c[layout === 'starcoder2' ? 'norm_epsilon' : 'rms_norm_eps'] ?? (layout === 'starcoder2' ? 1e-5 : 1e-6);
  if (typeof epsilon !== 'number' || !(epsilon >= 0)) throw bad('the norm epsilon is no number');
  return {
    layout,
    vocabularySize: count('vocab_size'),
    hiddenSize,
    intermediateSize: count('intermediate_size'),
    layers,
    heads,
    keyValueHeads,
    headDim,
    contextLength,
    norm: layout === 'starcoder2' ? 'layer' : 'rms',
    normEpsilon: epsilon,
    queryKeyNorm: layout === 'qwen3',
    biases: biases(layout, c),
    mlp: layout === 'starcoder2' ? 'plain' : 'gated',
    activation,
    tied: typeof c.tie_word_embeddings === 'boolean' ? c.tie_word_embeddings : layout === 'starcoder2',
    windows: windows(layout, c, layers, bad),
    rope: parseRope(c, { headDim, contextLength }, bad),
    endIds: ids(c.eos_token_id),
  };
}

const defaultContext: Record<Architecture, number> = {
  llama: 2048,
  mistral: 131072,
  qwen2: 32768,
  qwen3: 32768,
  starcoder2: 4096,
};

/** Ids from a key that holds one or several. */
export function ids(value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((v): v is number => Number.isSafeInteger(v) && v >= 0);
}

function biases(layout: Architecture, c: Json): ModelConfig['biases'] {
  const attention = c.attention_bias === true;
  if (layout === 'llama') {
    return { queryKeyValue: attention, attentionOutput: attention, mlp: c.mlp_bias === true };
  }
  if (layout === 'qwen2') return { queryKeyValue: true, attentionOutput: false, mlp: false };
  if (layout === 'qwen3') return { queryKeyValue: attention, attentionOutput: attention, mlp: false };
  if (layout === 'mistral') return { queryKeyValue: false, attentionOutput: false, mlp: false };
  const all = c.use_bias !== false;
  return { queryKeyValue: all, attentionOutput: all, mlp: all };
}

/** Which layers see only a window: all of Mistral's and StarCoder2's, Qwen's from `max_window_layers` on, or as `layer_types` says. */
function windows(
  layout: Architecture,
  c: Json,
  layers: number,
  bad: (what: string) => ModelError,
): (number | null)[] {
  if (layout === 'llama') return Array(layers).fill(null);
  const qwen = layout === 'qwen2' || layout === 'qwen3';
  const stated = c.sliding_window === undefined ? (layout === 'starcoder2' ? null : 4096) : c.sliding_window;
  const size = qwen && c.use_sliding_window !== true ? null : stated;
  if (size !== null && (!Number.isSafeInteger(size) || (size as number) < 1)) {
    throw bad(`sliding_window is ${JSON.stringify(size)}`);
  }
  if (size === null) return Array(layers).fill(null);
  if (qwen && Array.isArray(c.layer_types)) {
    if (c.layer_types.length !== layers)
      throw bad(`layer_types names ${c.layer_types.length} of ${layers} layers`);
    return c.layer_types.map((t) => (t === 'sliding_attention' ? (size as number) : null));
  }
  const first = qwen ? ((c.max_window_layers as number | undefined) ?? 28) : 0;
  return Array.from({ length: layers }, (_, i) => (i >= first ? (size as number) : null));
}
