/** The linear layers of a model: what an adapter may target, and what is quantised. */
import type { ModelConfig } from './config';

export interface LinearModule {
  /** As in the weight files, without `.weight`. */
  name: string;
  inputs: number;
  outputs: number;
  bias: boolean;
}

/** The linear layers of one block by their part in it; a plain MLP has no gate. */
export interface BlockModules {
  query: LinearModule;
  key: LinearModule;
  value: LinearModule;
  attentionOutput: LinearModule;
  gate?: LinearModule;
  up: LinearModule;
  down: LinearModule;
}

/** Every linear layer of the blocks, in order, and then the output layer. */
export function linearModules(c: ModelConfig): LinearModule[] {
  const modules: LinearModule[] = [];
  for (let i = 0; i < c.layers; i++) modules.push(...Object.values(blockModules(c, i)));
  return [...modules, headModule(c)];
}

/** The linear layers of the blocks from `layer` on, without the output layer. */
export function fromLayer(c: ModelConfig, layer: number): LinearModule[] {
  return linearModules(c).slice(layer * Object.keys(blockModules(c, 0)).length, -1);
}

/** The output layer. */
export function headModule(c: ModelConfig): LinearModule {
  const { head } = c.architecture.names;
  return { name: head, inputs: c.hiddenSize, outputs: c.vocabularySize, bias: false };
}

/** The name that a module's weight is stored under: a tied output layer's is the embedding. */
export function storedName(c: ModelConfig, module: string): string {
  const { head, embedding } = c.architecture.names;
  return c.tied && module === head ? embedding : module;
}

export function blockModules(c: ModelConfig, layer: number): BlockModules {
  const { names, gate } = c.architecture;
  const module = (name: string, inputs: number, outputs: number, bias: boolean): LinearModule => ({
    name: `${names.layer(layer)}.${name}`,
    inputs,
    outputs,
    bias,
  });
  const [wide, narrow] = [c.heads * c.headDim, c.keyValueHeads * c.headDim];
  const { hiddenSize: h, intermediateSize: f, biases } = c;
  return {
    query: module(names.query, h, wide, biases.queryKeyValue),
    key: module(names.key, h, narrow, biases.queryKeyValue),
    value: module(names.value, h, narrow, biases.queryKeyValue),
    attentionOutput: module(names.attentionOutput, wide, h, biases.attentionOutput),
    ...(gate === null ? {} : { gate: module(gate, h, f, biases.mlp) }),
    up: module(names.up, h, f, biases.mlp),
    down: module(names.down, f, h, biases.mlp),
  };
}
