/** config.json of a Hugging Face model folder, brought to one form for every architecture that runs here. */
import { ModelError } from '../errors';
import { architectures } from '.';
import type { Activation, Architecture, Biases, Json, Windows } from './architecture';
import { parseRope, type Rope } from './rope';

/** The sizes of one model, and the family that it belongs to. */
export interface ModelConfig {
  architecture: Architecture;
  vocabularySize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  headDim: number;
  /** Longest context in tokens. */
  contextLength: number;
  normEpsilon: number;
  biases: Biases;
  activation: Activation;
  /** The output layer shares the embedding's weight. */
  tied: boolean;
  windows: Windows;
  rope: Rope;
  endIds: number[];
}

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
 * @throws ModelError naming the file when the architecture is unknown or a value cannot be used
 */
export function parseConfig(json: unknown, path: string): ModelConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new ModelError(`${path} is not a model's configuration: it holds no JSON object.`);
  }
  const c = json as Json;
  const architecture = architectures.find(({ name }) => name === c.model_type);
  if (!architecture) {
    throw new ModelError(
      `${path} describes the layout ${JSON.stringify(c.model_type ?? null)}, which Hindsight cannot run: ` +
        `choose a model of one of the layouts ${architectures.map(({ name }) => name).join(', ')}.`,
    );
  }
  if (c.quantization_config) {
    throw new ModelError(
      `${path} describes quantised weights: choose the model's f32, f16 or bf16 version, or a GGUF file of it.`,
    );
  }
  return readSizes(
    c,
    architecture,
    (what) =>
      new ModelError(
        `${path} cannot be used: ${what}; choose another model, or download the file again where it was changed.`,
      ),
  );
}

function readSizes(c: Json, architecture: Architecture, bad: (what: string) => ModelError): ModelConfig {
  const { defaults, norm } = architecture;
  const count = (key: string, fallback?: number): number => {
    const value = c[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > 2 ** 31) {
      throw bad(`${key} is ${JSON.stringify(c[key] ?? null)} and must be a positive whole number`);
    }
    return value as number;
  };
  const heads = count('num_attention_heads');
  const hiddenSize = count('hidden_size');
  const keyValueHeads = count('num_key_value_heads', defaults.keyValueHeads ?? heads);
  const headDim = count('head_dim', defaults.headDim ?? Math.floor(hiddenSize / heads));
  if (heads % keyValueHeads !== 0)
    throw bad(`${heads} attention heads do not divide by ${keyValueHeads} key-value heads`);
  if (headDim % 2 !== 0) throw bad(`a head dimension of ${headDim} is odd`);
  const act = c.hidden_act ?? defaults.activation;
  const activation =
    typeof act === 'string' && Object.hasOwn(activations, act) ? activations[act] : undefined;
  if (!activation) throw bad(`the activation ${JSON.stringify(act)} is unknown`);
  const layers = count('num_hidden_layers');
  if (layers > 1000) throw bad(`${layers} layers are too many`);
  const contextLength = count('max_position_embeddings', defaults.contextLength);
  const epsilon = c[norm.epsilonKey] ?? norm.epsilon;
  if (typeof epsilon !== 'number' || !(epsilon >= 0)) throw bad('the norm epsilon is no number');
  return {
    architecture,
    vocabularySize: count('vocab_size'),
    hiddenSize,
    intermediateSize: count('intermediate_size'),
    layers,
    heads,
    keyValueHeads,
    headDim,
    contextLength,
    normEpsilon: epsilon,
    biases: architecture.biases(c),
    activation,
    tied: typeof c.tie_word_embeddings === 'boolean' ? c.tie_word_embeddings : defaults.tied,
    windows: architecture.windows(c, layers, bad),
    rope: parseRope(c, { headDim, contextLength }, defaults.ropeTheta, bad),
    endIds: ids(c.eos_token_id),
  };
}

/** Ids from a key that holds one or several. */
export function ids(value: unknown): number[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((v): v is number => Number.isSafeInteger(v) && v >= 0);
}
