import { type Architecture, llamaNames, rmsNorm } from './architecture';
import { qwenWindows } from './windows';

export const qwen2: Architecture = {
  name: 'qwen2',
  norm: rmsNorm,
  queryKeyNorm: null,
  gate: 'mlp.gate_proj',
  names: llamaNames,
  gguf: { name: 'qwen2', pairedRows: false },
  defaults: {
    keyValueHeads: null,
    headDim: null,
    contextLength: 32768,
    ropeTheta: 10000,
    activation: 'silu',
    tied: false,
  },
  biases: () => ({ queryKeyValue: true, attentionOutput: false, mlp: false }),
  windows: qwenWindows,
};
