/** How a model's fill-in-the-middle prompts are put together, read from its tokenizer and its hindsight.json. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError } from '../errors';
import { readJson } from '../files/json-file';
import type { PromptFormat, Tokenizer } from '../types';
import { fimFamily } from './fim-families';

/** Said of a model whose tokenizer has no fill-in-the-middle tokens; undefined of others. */
export function prefixOnlyNotice(format: PromptFormat): string | undefined {
  if (format.order !== 'none') return undefined;
  return 'This model has no fill-in-the-middle tokens: it writes from the code before the cursor, and the code below only chooses among its lines.';
}

/**
 * @param endIds ids that end a text: those of config.json and generation_config.json
 * @throws ModelError when hindsight.json is broken or names a token that the tokenizer lacks
 */
export function promptFormat(
  directory: string,
  tokenizer: Tokenizer,
  endIds: readonly number[],
): PromptFormat {
  return applyOwnFormat(formatOf(tokenizer, endIds), join(directory, 'hindsight.json'), tokenizer);
}

/** Tokens of fill-in-the-middle prompts that a model's file names by what they are for. */
export type FimIds = Partial<
  Record<'prefix' | 'suffix' | 'middle' | 'pad' | 'repoName' | 'fileSeparator', number>
>;

/**
 * What a tokenizer's tokens say.
 *
 * @param endIds end-of-text ids that the model's description names
 * @param named where the description names the prompt's tokens itself; believed before their texts
 */
export function formatOf(tokenizer: Tokenizer, endIds: readonly number[], named: FimIds = {}): PromptFormat {
  const ends = endIds.filter((id) => id < tokenizer.vocabularySize);
  const family = fimFamily((token) => tokenizer.specialId(token));
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
  return withNamed(format, named);
}

function withNamed(format: PromptFormat, named: FimIds): PromptFormat {
  const { prefix, suffix, middle, pad, repoName, fileSeparator } = named;
  if (prefix === undefined || suffix === undefined || middle === undefined) return format;
  const stops = [pad, repoName, fileSeparator].filter((id) => id !== undefined);
  return {
    ...format,
    order: format.order === 'none' ? 'psm' : format.order,
    prefixId: prefix,
    suffixId: suffix,
    middleId: middle,
    repoNameId: repoName ?? format.repoNameId,
    fileSeparatorId: fileSeparator ?? format.fileSeparatorId,
    stopIds: [...new Set([...format.stopIds, ...stops])],
  };
}

/** The embedded model's own file: order of the prompt and the slot that feedback goes into. */
function applyOwnFormat(format: PromptFormat, path: string, tokenizer: Tokenizer): PromptFormat {
  const own = ownSettings(path);
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

function ownSettings(path: string): Record<string, unknown> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const json = readJson(path);
    if (typeof json === 'object' && json !== null) return json as Record<string, unknown>;
  } catch {}
  throw new ModelError(`${path} is not readable JSON: download the model again.`);
}
