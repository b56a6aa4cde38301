/** Text to tokens and back, from what tokenizer.json says. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Tokenizer as Inner } from '@huggingface/tokenizers';
import { errorMessage } from '../../base/errors';
import { ModelError } from '../errors';
import { readJson } from '../files/json-file';
import type { Tokenizer } from '../types';
import { CachedEncoder, splitsTexts } from './cached-encoder';
import { familyNames, fimFamily } from './fim-families';
import { withoutDummyBlank } from './spacing';
import { byteCharacters, Spelling, tokenBytes } from './spelling';

interface AddedToken {
  id: number;
  content: string;
  special: boolean;
}

type Json = Record<string, unknown>;

/**
 * @param config tokenizer_config.json, which is optional: it only names special tokens that tokenizer.json lists as well
 * @throws ModelError naming the file when it is missing or broken
 */
export function loadTokenizer(directory: string, vocabularySize: number, config: object = {}): Tokenizer {
  const path = join(directory, 'tokenizer.json');
  return makeTokenizer(requiredJson(path), config, path, vocabularySize);
}

/**
 * @param json in the form of tokenizer.json
 * @param config in the form of tokenizer_config.json
 * @param path where they come from, for messages
 * @param controlIds further control tokens: those that the file names by other means than its list of added tokens
 * @throws ModelError naming the file when it cannot be used
 */
export function makeTokenizer(
  json: unknown,
  config: object,
  path: string,
  vocabularySize: number,
  controlIds: readonly number[] = [],
): Tokenizer {
  const broken = (why: string) =>
    new ModelError(
      `${path} cannot be used (${why}): download it again, or choose another model where it is as published.`,
    );
  /** Whatever goes wrong inside the tokenizer goes wrong because of its file. */
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw error instanceof ModelError ? error : broken(errorMessage(error).split('\n')[0]!);
    }
  };
  const added = [...addedTokens(json, broken)];
  for (const token of declaredTokens(config))
    if (!added.some(({ id, content }) => id === token.id || content === token.content)) added.push(token);
  checkVocabulary(json as Json, path, vocabularySize);
  // A token past the weights, often `[PAD]`, can be neither read nor written by the model: it is as if it were not there.
  const inside = added.filter((t) => t.id < vocabularySize);
  // Runs of blanks are added by some tokenizers only to be found whole: they are text.
  const isText = (t: AddedToken) => !t.special && t.content !== '' && t.content.trim() === '';
  const inner = guarded(() => {
    const file = withoutDummyBlank({ ...(json as Json), added_tokens: inside.filter(isText) });
    return new Inner(file, { ...config, clean_up_tokenization_spaces: false });
  });
  const blanks = new Set(inside.filter(isText).map((t) => t.id));
  const byText = new Map(inside.map((t) => [t.content, t.id]));
  const idOf = (token: string) => byText.get(token) ?? inVocabulary(inner.token_to_id(token), vocabularySize);

  const controls = new Map(inside.filter((t) => !isText(t)).map((t) => [t.id, t.content]));
  const family = fimFamily(idOf);
  for (const name of family ? familyNames(family) : []) {
    const id = idOf(name);
    if (id !== undefined) controls.set(id, name);
  }
  for (const id of controlIds) controls.set(id, inner.id_to_token(id) ?? controls.get(id) ?? '');

  const pieces = (text: string) =>
    guarded(() => {
      const ids = inner.encode(text, { add_special_tokens: false }).ids.map(Number);
      const bad = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
      if (bad !== undefined)
        throw broken(`it gives the number ${bad} where the vocabulary has ${vocabularySize} tokens`);
      return ids;
    });
  const plain = new CachedEncoder(pieces, splitsTexts(json));
  const names = new Set([...controls.values()].filter((name) => name !== ''));
  const nameOf = anyOf(names);
  // SentencePiece writes a blank as ▁.
  const spelled = anyOf([...names].flatMap((name) => [name, name.replaceAll('▁', ' ')]));

  /** Text as text: what spells a control token becomes ordinary tokens. */
  const encodeText = (text: string): number[] => {
    if (text === '') return [];
    const ids = plain.run(text);
    if (!ids.some((id) => controls.has(id))) return ids;
    // The vocabulary itself has the name as one piece: it is taken apart, and what is around it stays together.
    return text.split(spelled).flatMap((part) => {
      const whole = part === '' ? [] : plain.run(part);
      if (!whole.some((id) => controls.has(id))) return whole;
      return [...part].flatMap((character) => plain.run(character)).filter((id) => !controls.has(id));
    });
  };
  const decodeText = (ids: readonly number[]) =>
    guarded(() =>
      inner.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    );
  let spelling: Spelling | undefined;
  const makeSpelling = () => {
    const byteLevel = writesBytes(json as Json)
      ? new Map(byteCharacters().map((c, byte) => [c, byte]))
      : null;
    return new Spelling(
      Array.from({ length: vocabularySize }, (_, id) => {
        const token = controls.has(id) ? undefined : inner.id_to_token(id);
        return token === undefined ? '' : blanks.has(id) ? token : tokenBytes(token, byteLevel);
      }),
    );
  };
  const tokenizer: Tokenizer = {
    vocabularySize,
    encodeText,
    encode: (text) =>
      text.split(nameOf).flatMap((part) => (names.has(part) ? [idOf(part)!] : encodeText(part))),
    decode(ids) {
      let out = '';
      for (let from = 0; from < ids.length; ) {
        const name = controls.get(ids[from]!);
        if (name !== undefined) {
          out += name;
          from += 1;
          continue;
        }
        let to = from;
        while (to < ids.length && !controls.has(ids[to]!)) to += 1;
        // Numbers that the vocabulary leaves empty, up to the size of the weights, stand for nothing.
        const known = ids.slice(from, to).filter((id) => inner.id_to_token(id) !== undefined);
        if (known.length > 0) out += decodeText(known);
        from = to;
      }
      return out;
    },
    spelling: () => {
      spelling ??= makeSpelling();
      return spelling;
    },
    specialId: idOf,
    specialIds: () => [...controls.keys()],
  };
  const begin = guarded(() => inner.encode('a', { add_special_tokens: true }).tokens[0]);
  const beginId = begin === undefined ? undefined : byText.get(begin);
  guarded(() => tokenizer.decode(encodeText('def f(x):\n')));
  return { ...tokenizer, ...(beginId !== undefined && controls.has(beginId) ? { beginId } : {}) };
}

/** True where the vocabulary writes bytes as printable characters. */
const writesBytes = (json: Json) =>
  /"type":"ByteLevel"/.test(JSON.stringify([json.decoder, json.pre_tokenizer]));

const inVocabulary = (id: number | undefined, size: number) =>
  id !== undefined && Number.isInteger(id) && id >= 0 && id < size ? id : undefined;

/** Matches any of the names, the longest first, and keeps them in what `split` gives. */
function anyOf(names: Iterable<string>): RegExp {
  const longestFirst = [...names].sort((a, b) => b.length - a.length);
  // Without a name nothing matches.
  if (longestFirst.length === 0) return /(?!)/;
  return new RegExp(`(${longestFirst.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`);
}

/** @throws ModelError where the vocabulary itself is larger than the model's: it is another model's tokenizer */
function checkVocabulary(json: Json, path: string, vocabularySize: number): void {
  const vocab = (json.model as Json | undefined)?.vocab;
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab)) return;
  for (const [token, id] of Object.entries(vocab)) {
    if (typeof id === 'number' && id >= vocabularySize) {
      throw new ModelError(
        `${path} numbers ${JSON.stringify(token)} ${id}, past the model's vocabulary of ${vocabularySize}: use the two files of one model.`,
      );
    }
  }
}

/** Other forms of a tokenizer, which some older folders have alone. */
const otherForms = ['tokenizer.model', 'vocab.json', 'vocab.txt', 'spiece.model'];

function requiredJson(path: string): unknown {
  try {
    return readJson(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new ModelError(`${path} is not readable JSON: download the model's tokenizer again.`);
    const other = otherForms.find((name) => existsSync(join(dirname(path), name)));
    throw new ModelError(
      other
        ? `${path} is missing, and ${other} beside it is of a form that is not read: choose a version of the model with a tokenizer.json.`
        : `${path} is missing: download the model's tokenizer again.`,
    );
  }
}

/** Tokens that only tokenizer_config.json lists, as folders have them whose tokens were added later. */
function declaredTokens(config: object): AddedToken[] {
  const list = (config as Json).added_tokens_decoder;
  if (typeof list !== 'object' || list === null) return [];
  return Object.entries(list).flatMap(([key, token]: [string, Partial<AddedToken> | null]) => {
    const id = Number(key);
    if (!/^\d+$/.test(key) || !Number.isSafeInteger(id) || typeof token?.content !== 'string') return [];
    return [{ id, content: token.content, special: token.special === true }];
  });
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
