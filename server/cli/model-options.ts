/** Options of every command that opens a model. */
import { Option } from 'commander';

export const deviceOption = () =>
  new Option('--device <name>', 'where to run')
    .choices(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'])
    .default('auto');

export const precisionOption = () =>
  new Option('--precision <name>', 'of the weights while decoding')
    .choices(['float32', 'float16', 'int8', 'int4'])
    .default('float32');
