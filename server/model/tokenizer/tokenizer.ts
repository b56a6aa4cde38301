/** Text to tokens and back, from what tokenizer.json says. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as Inner } from '@huggingface/tokenizers';
import { errorMessage } from '../../base/errors';
import { ModelError } from '../errors';
import type { Tokenizer } from '../types';
import { CachedEncoder, splitsTexts } from './cached-encoder';

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

/** @throws ModelError naming the file when it is missing or broken */
export function loadTokenizer(directory: string, vocabularySize: number): Tokenizer {
  const path = join(directory, 'tokenizer.json');
  return makeTokenizer(readJson(path), optionalConfig(directory), path, vocabularySize);
}

/**
 * @param json in the form of tokenizer.json
 * @param config in the form of tokenizer_config.json
 * @param path where they come from, for messages
 * @returns encodes text as it stands: no begin- or end-of-text token is added, and special tokens written in the text are recognised
 * @throws ModelError naming the file when it cannot be used
 */
export function makeTokenizer(
  json: unknown,
  config: object,
  path: string,
  vocabularySize: number,
): Tokenizer {
  const broken = (why: string) =>
    new ModelError(`${path} cannot be used (${why}): download the model's tokenizer again.`);
  const added = addedTokens(json, broken);
  const outside = added.find((t) => t.id >= vocabularySize);
  if (outside) {
    throw new ModelError(
      `${path} numbers ${outside.content} ${outside.id}, past the model's vocabulary of ${vocabularySize}: use the two files of one model.`,
    );
  }
  /** Whatever goes wrong inside the tokenizer goes wrong because of its file. */
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof ModelError ? error : broken(errorMessage(error).split('\n')[0]!);
    }
  };
  const inner = guarded(() => new Inner(json as object, { ...config, clean_up_tokenization_spaces: false }));
  const encode = (text: string, add_special_tokens: boolean) =>
    guarded(() => {
      const ids = inner.encode(text, { add_special_tokens }).ids.map(Number);
      const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
      if (bad !== undefined)
        throw broken(`it gives the number ${bad} where the vocabulary has ${vocabularySize} tokens`);
      return ids;
    });
  const decode = (ids: readonly number[]) =>
    guarded(() =>
      inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    );

  const special = added.filter((t) => t.special);
  const byText = new Map(added.map((t) => [t.content, t.id]));
  const [first] = encode('a', true);
  const beginId = special.some((t) => t.id === first) ? first : undefined;
  decode(encode('def f(x):\n', false));
  const plain = new CachedEncoder((text) => encode(text, false), splitsTexts(json));
  return {
    vocabularySize,
    ...(beginId === undefined ? {} : { beginId }),
    encode: (text) => (text ? plain.run(text) : []),
    decode: (ids) => (ids.length ? decode(ids) : ''),
    specialId: (token) => byText.get(token) ?? inner.token_to_id(token),
    specialIds: () => special.map((t) => t.id),
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ModelError(
      `${path} ${code === 'ENOENT' ? 'is missing' : 'is not readable JSON'}: download the model's tokenizer again.`,
    );
  }
}

/** tokenizer_config.json is optional: it only names special tokens that tokenizer.json lists as well. */
function optionalConfig(directory: string): object {
  try {
    return JSON.parse(readFileSync(join(directory, 'tokenizer_config.json'), 'utf8')) as object;
  } catch {
    return {};
  }
}

function addedTokens(json: unknown, broken: (why: string) => ModelError): AddedToken[] {
  if (typeof json !== 'object' || json === null) throw broken('it holds no object');
  const list = (json as { added_tokens?: unknown }).added_tokens ?? [];
  if (!Array.isArray(list)) throw broken('its added tokens are no list');
  return list.map((t: Partial<AddedToken> | null) => {
    if (typeof t?.content !== 'string' || !Number.isSafeInteger(t.id) || t.id! < 0) {
      throw broken('an added token has no text or number');
    }
    return { id: t.id!, content: t.content, special: t.special === true };
  });
}
