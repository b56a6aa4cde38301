import { type Architecture, llamaNames } from './architecture';
import { windowsEverywhere } from './windows';

export const starcoder2: Architecture = {
  name: 'starcoder2',
  norm: { kind: 'layer', epsilonKey: 'norm_epsilon', epsilon: 1e-5 },
  queryKeyNorm: null,
  gate: null,
  names: { ...llamaNames, up: 'mlp.c_fc', down: 'mlp.c_proj' },
  gguf: { name: 'starcoder2', pairedRows: false },
  defaults: {
    keyValueHeads: 2,
    headDim: null,
    contextLength: 4096,
    ropeTheta: 10000,
    activation: 'gelu_pytorch_tanh',
    tied: true,
  },
  biases: (c) => {
    const all = c.use_bias !== false;
    return { queryKeyValue: all, attentionOutput: all, mlp: all };
  },
  windows: windowsEverywhere(null),
};
