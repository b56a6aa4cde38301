import { type Architecture, llamaNames, rmsNorm } from './architecture';
import { qwenWindows } from './windows';

export const qwen3: Architecture = {
  name: 'qwen3',
  norm: rmsNorm,
  queryKeyNorm: { query: 'self_attn.q_norm', key: 'self_attn.k_norm' },
  gate: 'mlp.gate_proj',
  names: llamaNames,
  gguf: { name: 'qwen3', pairedRows: false },
  defaults: {
    keyValueHeads: null,
    headDim: 128,
    contextLength: 32768,
    ropeTheta: 10000,
    activation: 'silu',
    tied: false,
  },
  biases: (c) => {
    const attention = c.attention_bias === true;
    return { queryKeyValue: attention, attentionOutput: attention, mlp: false };
  },
  windows: qwenWindows,
};
