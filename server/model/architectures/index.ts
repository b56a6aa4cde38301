/** Every family of models that runs here. */
import type { Architecture } from './architecture';
import { llama } from './llama';
import { mistral } from './mistral';
import { qwen2 } from './qwen2';
import { qwen3 } from './qwen3';
import { starcoder2 } from './starcoder2';

export const architectures: readonly Architecture[] = [llama, mistral, qwen2, qwen3, starcoder2];
