import { type Architecture, llamaNames, rmsNorm } from './architecture';
import { windowsEverywhere } from './windows';

export const mistral: Architecture = {
  name: 'mistral',
  norm: rmsNorm,
  queryKeyNorm: null,
  gate: 'mlp.gate_proj',
  names: llamaNames,
  gguf: null,
  defaults: {
    keyValueHeads: 8,
    headDim: null,
    contextLength: 131072,
    ropeTheta: 10000,
    activation: 'silu',
    tied: false,
  },
  biases: () => ({ queryKeyValue: false, attentionOutput: false, mlp: false }),
  windows: windowsEverywhere(4096),
};
