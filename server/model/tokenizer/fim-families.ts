/** The names that published models give to the tokens of their fill-in-the-middle prompts. */
import type { PromptFormat } from '../types';

export interface FimFamily {
  prefix?: string;
  suffix: string;
  middle: string;
  repoName?: string;
  fileSeparator?: string;
  /** Tokens that end what is written, the one that training scores first. */
  stop?: readonly string[];
  order: PromptFormat['order'];
}

/** In the order tried: the first whose prefix, suffix and middle are all in the tokenizer is the model's. */
export const fimFamilies: readonly FimFamily[] = [
  {
    prefix: '<|fim_prefix|>',
    suffix: '<|fim_suffix|>',
    middle: '<|fim_middle|>',
    repoName: '<|repo_name|>',
    fileSeparator: '<|file_sep|>',
    stop: [
      '<|endoftext|>',
      '<|fim_pad|>',
      '<|im_end|>',
      '<|file_sep|>',
      '<|repo_name|>',
      '<|file_separator|>',
    ],
    order: 'psm',
  },
  {
    prefix: '<fim_prefix>',
    suffix: '<fim_suffix>',
    middle: '<fim_middle>',
    repoName: '<repo_name>',
    fileSeparator: '<file_sep>',
    stop: ['<|endoftext|>', '<fim_pad>', '<file_sep>', '<repo_name>'],
    order: 'psm',
  },
  {
    // SantaCoder.
    prefix: '<fim-prefix>',
    suffix: '<fim-suffix>',
    middle: '<fim-middle>',
    stop: ['<|endoftext|>', '<fim-pad>'],
    order: 'psm',
  },
  {
    // DeepSeek-Coder marks the hole between prefix and suffix, and the end of the prompt.
    prefix: '<｜fim▁begin｜>',
    suffix: '<｜fim▁hole｜>',
    middle: '<｜fim▁end｜>',
    stop: ['<｜end▁of▁sentence｜>'],
    order: 'psm',
  },
  {
    // GLM.
    prefix: '<|code_prefix|>',
    suffix: '<|code_suffix|>',
    middle: '<|code_middle|>',
    stop: ['<|endoftext|>', '<|code_pad|>'],
    order: 'psm',
  },
  {
    // Seed-Coder writes the suffix first.
    prefix: '<[fim-prefix]>',
    suffix: '<[fim-suffix]>',
    middle: '<[fim-middle]>',
    stop: ['<[end▁of▁sentence]>', '<|endoftext|>'],
    order: 'spm',
  },
  { prefix: '▁<PRE>', suffix: '▁<SUF>', middle: '▁<MID>', stop: ['▁<EOT>', '</s>'], order: 'psm' },
  { prefix: '<PRE>', suffix: '<SUF>', middle: '<MID>', stop: ['<EOT>', '</s>'], order: 'psm' },
  // Codestral writes [SUFFIX] suffix [PREFIX] prefix and goes on from there.
  { suffix: '[SUFFIX]', middle: '[PREFIX]', stop: ['</s>'], order: 'spm-continue' },
];

/** The family whose tokens all have a number. */
export function fimFamily(idOf: (token: string) => number | undefined): FimFamily | undefined {
  return fimFamilies.find(({ prefix, suffix, middle }) =>
    [prefix, suffix, middle].every((token) => token === undefined || idOf(token) !== undefined),
  );
}

/** Every name that a family's prompts and answers use. */
export function familyNames(family: FimFamily): string[] {
  const { prefix, suffix, middle, repoName, fileSeparator, stop = [] } = family;
  return [prefix, suffix, middle, repoName, fileSeparator, ...stop].filter((name) => name !== undefined);
}
