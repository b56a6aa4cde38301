/** Where a model comes from. Everything behind this is the same for every kind of file. */
import type { ModelConfig } from '../architectures/config';
import type { Weights } from '../files/weights';
import type { PromptFormat, Tokenizer } from '../types';

export interface ModelSource {
  /** The folder or file, absolute. */
  path: string;
  /** For people. */
  name: string;
  /** Of what the model computes: SHA-256 of its description and its weights' headers, first 16 hex digits. */
  hash: string;
  config: ModelConfig;
  /** As they are stored. */
  weights: Weights;
  tokenizer: Tokenizer;
  format: PromptFormat;
  /** What was wrong with the files and could be done without. */
  notices: readonly string[];
  /** Where reference cases have their adapter. */
  adapterFolder: string;
}
