/** Where a model comes from. Everything behind this is the same for every kind of file. */
import type { ModelConfig } from '../architectures/config';
import type { Weights } from '../files/weights';
import type { PromptFormat, Tokenizer } from '../types';

/** How a model reads and writes. */
export interface TextSide {
  tokenizer: Tokenizer;
  format: PromptFormat;
  /** What was wrong with the files and could be done without. */
  notices: readonly string[];
}

export interface ModelSource {
  /** The folder or file, absolute. */
  path: string;
  /** For people. */
  name: string;
  /** What the model's hash covers beside its weight files, for instance the text of config.json. */
  description: string;
  /** The hash that earlier versions gave the model, from sizes and headers alone; absent for what they could not open. */
  formerHash?: string;
  config: ModelConfig;
  /** As they are stored. */
  weights: Weights;
  /** @throws ModelError naming the file when it cannot be used */
  readTexts(): TextSide;
  /** Where reference cases have their adapter. */
  adapterFolder: string;
}
