import type { PromptFormat } from '../../../server/model/types';
import { goldenTokenizer } from './golden';

export const tokenizer = goldenTokenizer('qwen2');
const id = (token: string) => tokenizer.specialId(token)!;

/** Of a model with repository tokens. */
export const psm: PromptFormat = {
  order: 'psm',
  prefixId: id('<|fim_prefix|>'),
  suffixId: id('<|fim_suffix|>'),
  middleId: id('<|fim_middle|>'),
  repoNameId: id('<|repo_name|>'),
  fileSeparatorId: id('<|file_sep|>'),
  stopIds: [id('<|endoftext|>')],
};

/** The embedded model's form; a golden tokenizer has no feedback token, so its pad token plays the part. */
export const slot: PromptFormat = { ...psm, order: 'spm-continue', feedbackId: id('<|fim_pad|>') };
