import { type Architecture, llamaNames, rmsNorm } from './architecture';
import { noWindows } from './windows';

export const llama: Architecture = {
  name: 'llama',
  norm: rmsNorm,
  queryKeyNorm: null,
  gate: 'mlp.gate_proj',
  names: llamaNames,
  gguf: { name: 'llama', pairedRows: true },
  defaults: {
    keyValueHeads: null,
    headDim: null,
    contextLength: 2048,
    ropeTheta: 10000,
    activation: 'silu',
    tied: false,
  },
  biases: (c) => {
    const attention = c.attention_bias === true;
    return { queryKeyValue: attention, attentionOutput: attention, mlp: c.mlp_bias === true };
  },
  windows: noWindows,
};
