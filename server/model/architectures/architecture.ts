/** What one family of models is: everything that sets it apart, in one record. A new family is one more record in index.ts. */
import type { ModelError } from '../errors';

export type Json = Record<string, unknown>;

export type Activation = 'silu' | 'gelu' | 'gelu_tanh' | 'relu';

/** Which linear layers have a bias. */
export interface Biases {
  queryKeyValue: boolean;
  attentionOutput: boolean;
  mlp: boolean;
}

/** For each layer, how many tokens back (itself included) a position sees; null is all. */
export type Windows = (number | null)[];

/** Names of a model's modules in its weight files, without `.weight` and `.bias`. */
export interface ModuleNames {
  embedding: string;
  finalNorm: string;
  /** The output layer, where it is not the embedding's weight. */
  head: string;
  /** What the names of a layer begin with, without the dot. */
  layer(index: number): string;
  /** Within a layer. */
  attentionNorm: string;
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  mlpNorm: string;
  up: string;
  down: string;
}

export interface Architecture {
  /** `model_type` in config.json. */
  name: string;
  norm: {
    /** Of the layers: by the root of the mean square, or by mean and variance with a bias. */
    kind: 'rms' | 'layer';
    /** The key of its ε in config.json, and ε where the key is missing. */
    epsilonKey: string;
    epsilon: number;
  };
  /** RMS norm of each head's query and key before the rotation: the norms' names within a layer; null for none. */
  queryKeyNorm: { query: string; key: string } | null;
  /** down(act(gate(x))·up(x)) with the gate's name within a layer, or down(act(up(x))) where that is null. */
  gate: string | null;
  names: ModuleNames;
  /** How GGUF files have this family; null where they have it under another's name. */
  gguf: {
    /** `general.architecture`. */
    name: string;
    /** The rows of each head's queries and keys lie in pairs: (0, d/2), (1, d/2 + 1) … for a head dimension of d. */
    pairedRows: boolean;
  } | null;
  /** What the configuration class says where config.json says nothing. */
  defaults: {
    /** null: as many as there are attention heads. */
    keyValueHeads: number | null;
    /** null: the hidden size divided by the heads. */
    headDim: number | null;
    contextLength: number;
    ropeTheta: number;
    /** As in `hidden_act`. */
    activation: string;
    /** Whether the output layer is the embedding's weight. */
    tied: boolean;
  };
  biases(config: Json): Biases;
  /** @param bad makes the error for a value that cannot be used */
  windows(config: Json, layers: number, bad: (what: string) => ModelError): Windows;
}

/** The names that most families have. */
export const llamaNames: ModuleNames = {
  embedding: 'model.embed_tokens',
  finalNorm: 'model.norm',
  head: 'lm_head',
  layer: (index) => `model.layers.${index}`,
  attentionNorm: 'input_layernorm',
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  attentionOutput: 'self_attn.o_proj',
  mlpNorm: 'post_attention_layernorm',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
};

/** The norm that most families have. */
export const rmsNorm: Architecture['norm'] = { kind: 'rms', epsilonKey: 'rms_norm_eps', epsilon: 1e-6 };
