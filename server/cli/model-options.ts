/** Options of every command that opens a model. */
import { Option } from 'commander';

export const deviceOption = () =>
  new Option('--device <name>', 'where to run')
    .choices(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
    .default('auto');

export const precisionOption = () =>
  new Option(
    '--precision <name>',
    'of the weights while decoding (default: float32, of a quantised GGUF file its own)',
  ).choices(['float32', 'float16', 'int8', 'int4']);

/** What MODEL may be. */
export const modelHelp = 'a folder with config.json, *.safetensors and tokenizer.json, or a .gguf file';
