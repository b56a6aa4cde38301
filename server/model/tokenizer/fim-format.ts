/** How a model's fill-in-the-middle prompts are put together, read from its tokenizer and its hindsight.json. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ids as idList } from '../architectures/config';
import { ModelError } from '../errors';
import type { PromptFormat, Tokenizer } from '../types';

interface Family {
  prefix?: string;
  suffix: string;
  middle: string;
  repoName?: string;
  fileSeparator?: string;
  stop?: readonly string[];
  order: PromptFormat['order'];
}

/** In the order tried; every name must be in the tokenizer. */
const families: readonly Family[] = [
  {
    prefix: '<|fim_prefix|>',
    suffix: '<|fim_suffix|>',
    middle: '<|fim_middle|>',
    repoName: '<|repo_name|>',
    fileSeparator: '<|file_sep|>',
    stop: ['<|endoftext|>', '<|fim_pad|>', '<|im_end|>', '<|file_sep|>', '<|repo_name|>'],
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
    // DeepSeek-Coder marks the hole between prefix and suffix, and the end of the prompt.
    prefix: '<｜fim▁begin｜>',
    suffix: '<｜fim▁hole｜>',
    middle: '<｜fim▁end｜>',
    stop: ['<｜end▁of▁sentence｜>'],
    order: 'psm',
  },
  { prefix: '▁<PRE>', suffix: '▁<SUF>', middle: '▁<MID>', stop: ['▁<EOT>', '</s>'], order: 'psm' },
  { prefix: '<PRE>', suffix: '<SUF>', middle: '<MID>', stop: ['<EOT>', '</s>'], order: 'psm' },
  // Codestral writes [SUFFIX] suffix [PREFIX] prefix and goes on from there.
  { suffix: '[SUFFIX]', middle: '[PREFIX]', stop: ['</s>'], order: 'spm-continue' },
];

/** Said of a model whose tokenizer has no fill-in-the-middle tokens; undefined of others. */
export function prefixOnlyNotice(format: PromptFormat): string | undefined {
  if (format.order !== 'none') return undefined;
  return 'This model has no fill-in-the-middle tokens: its completions see only the code before the cursor.';
}

/**
 * @param endIds end-of-text ids of config.json and generation_config.json
 * @throws ModelError when hindsight.json is broken or names a token that the tokenizer lacks
 */
export function promptFormat(
  directory: string,
  tokenizer: Tokenizer,
  endIds: readonly number[],
): PromptFormat {
  const generation = optionalJson(join(directory, 'generation_config.json'));
  const ends = [...endIds, ...idList(generation?.eos_token_id)].filter((id) => id < tokenizer.vocabularySize);
  const family = families.find((f) =>
    [f.prefix, f.suffix, f.middle].every((t) => !t || tokenizer.specialId(t) !== undefined),
  );
  const id = (token: string | undefined) => (token === undefined ? undefined : tokenizer.specialId(token));
  const stops = (family?.stop ?? ['<|endoftext|>', '</s>']).flatMap((t) => id(t) ?? []);
  const format: PromptFormat = { order: family?.order ?? 'none', stopIds: [...new Set([...stops, ...ends])] };
  if (tokenizer.beginId !== undefined) format.beginId = tokenizer.beginId;
  if (family) {
    format.prefixId = id(family.prefix);
    format.suffixId = id(family.suffix);
    format.middleId = id(family.middle);
    format.repoNameId = id(family.repoName);
    format.fileSeparatorId = id(family.fileSeparator);
  }
  return applyOwnFormat(format, join(directory, 'hindsight.json'), tokenizer);
}

/** The embedded model's own file: order of the prompt and the slot that feedback goes into. */
function applyOwnFormat(format: PromptFormat, path: string, tokenizer: Tokenizer): PromptFormat {
  const own = optionalJson(path);
  if (!own) return format;
  if (own.format !== 1)
    throw new ModelError(`${path} has a format this version does not know: update Hindsight.`);
  const order = (own.fim as { order?: unknown } | undefined)?.order;
  if (order === 'spm') format.order = 'spm-continue';
  else if (order !== undefined && order !== 'psm')
    throw new ModelError(`${path} names the unknown prompt order ${JSON.stringify(order)}.`);
  const open = (own.feedbackSlot as { open?: unknown } | undefined)?.open;
  if (open !== undefined) {
    const id = typeof open === 'string' ? tokenizer.specialId(open) : undefined;
    if (id === undefined)
      throw new ModelError(`${path} names the token ${JSON.stringify(open)}, which the tokenizer lacks.`);
    format.feedbackId = id;
  }
  return format;
}

function optionalJson(path: string): Record<string, unknown> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const json = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof json === 'object' && json !== null) return json;
  } catch {}
  throw new ModelError(`${path} is not readable JSON: download the model again.`);
}
