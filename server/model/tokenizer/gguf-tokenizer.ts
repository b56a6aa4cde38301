/** The tokenizer of a GGUF file, brought to the form of tokenizer.json. */
import { ModelError } from '../errors';
import type { GgufFile, GgufValue } from '../files/gguf/header';
import type { FimIds } from './fim-format';
import { type SplittingRule, splittingRules } from './splitting-rules';

/** What `makeTokenizer` takes, and what a GGUF file says beside it. */
export interface GgufTokenizer {
  json: Record<string, unknown>;
  /** Ids of tokens that end a text. */
  endIds: number[];
  /** Ids of the tokens of fill-in-the-middle prompts that the file names by key. */
  fim: FimIds;
  /** Number of tokens. */
  size: number;
}

type FimRole = keyof FimIds;

/** In the order in which they are believed. */
const fimKeys: Record<FimRole, readonly string[]> = {
  prefix: ['fim_pre_token_id', 'prefix_token_id'],
  suffix: ['fim_suf_token_id', 'suffix_token_id'],
  middle: ['fim_mid_token_id', 'middle_token_id'],
  pad: ['fim_pad_token_id'],
  repoName: ['fim_rep_token_id'],
  fileSeparator: ['fim_sep_token_id'],
};

/** Types of tokens, as they are numbered in the file. */
const [unknown, control, userDefined] = [2, 3, 4];

/** Files of before the splitting rule was stored: what the models of an architecture use. */
const rulesByArchitecture: Readonly<Record<string, string>> = {
  qwen2: 'qwen2',
  qwen3: 'qwen2',
  starcoder2: 'starcoder',
};

/** @throws ModelError naming the file and what is wrong with its tokenizer */
export function readGgufTokenizer(file: GgufFile): GgufTokenizer {
  const bad = (what: string) =>
    new ModelError(`${file.path} has a tokenizer that cannot be used: ${what}. Choose another file.`);
  const get = (key: string) => file.metadata.get(`tokenizer.ggml.${key}`);
  const tokens = textList(get('tokens'), 'its list of tokens', bad);
  if (tokens.length === 0) throw bad('it has no tokens');
  const types = numberList(get('token_type'), 'its types of tokens', tokens.length, bad);
  const id = (key: string): number | undefined => {
    const value = get(key);
    if (value === undefined) return undefined;
    // Some files write −1 or 2³² − 1 where there is no such token.
    if (value === -1 || value === 0xffffffff) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= tokens.length)
      throw bad(`${key} is ${String(value).slice(0, 30)}, and there are ${tokens.length} tokens`);
    return value;
  };
  const kind = get('model');
  const parts = { file, tokens, get, bad };
  const made = kind === 'gpt2' ? byteLevel(parts) : kind === 'llama' ? sentencePieces(parts) : undefined;
  if (!made)
    throw bad(
      `it is of the kind ${JSON.stringify(kind ?? null)?.slice(0, 40)}, and gpt2 and llama are known`,
    );
  const fim: GgufTokenizer['fim'] = {};
  for (const [role, keys] of Object.entries(fimKeys) as [FimRole, readonly string[]][]) {
    const found = keys.map(id).find((n) => n !== undefined);
    if (found !== undefined) fim[role] = found;
  }
  const special = new Set(Object.values(fim));
  const begin = id('bos_token_id');
  const adds = get('add_bos_token');
  const addBegin = typeof adds === 'boolean' ? adds : made.addBegin;
  const json = {
    version: '1.0',
    added_tokens: tokens.flatMap((content, n) => {
      const type = types?.[n];
      const isSpecial = type === control || type === unknown || special.has(n);
      return isSpecial || type === userDefined ? [addedToken(n, content, isSpecial)] : [];
    }),
    ...made.json,
    post_processor: addBegin && begin !== undefined ? beginning(begin, tokens[begin]!) : null,
  };
  const ends = ['eos_token_id', 'eot_token_id', 'eom_token_id'].flatMap((key) => id(key) ?? []);
  return { json, endIds: [...new Set(ends)], fim, size: tokens.length };
}

type Bad = (what: string) => ModelError;

interface Parts {
  file: GgufFile;
  tokens: readonly string[];
  get: (key: string) => GgufValue | undefined;
  bad: Bad;
}

interface Made {
  json: Record<string, unknown>;
  /** Unless the file says otherwise. */
  addBegin: boolean;
}

const addedToken = (id: number, content: string, special: boolean) => ({
  id,
  content,
  special,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

const beginning = (id: number, token: string) => ({
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
  special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
});

/** Ids by token; of a token that is there twice the first, under which it is found, and a name nothing encodes to. */
function vocabulary(tokens: readonly string[]): Record<string, number> {
  // Without a prototype: a token may be called `__proto__`.
  const vocab: Record<string, number> = Object.create(null);
  tokens.forEach((token, id) => {
    vocab[token === '' || token in vocab ? `[${id}]` : token] = id;
  });
  return vocab;
}

/** Byte-pair encoding over bytes, as GPT-2 began it. */
function byteLevel({ file, tokens, get, bad }: Parts): Made {
  const merges = textList(get('merges'), 'its list of merges', bad);
  const broken = merges.find((m) => m.indexOf(' ', 1) < 1 || m.endsWith(' '));
  if (broken !== undefined) throw bad(`the merge ${JSON.stringify(broken.slice(0, 40))} has no two parts`);
  const rule = splittingRule(file, get('pre'), bad);
  const json = {
    normalizer: rule.composed ? { type: 'NFC' } : null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: rule.stages },
    model: {
      type: 'BPE',
      vocab: vocabulary(tokens),
      merges,
      ignore_merges: rule.ignoreMerges === true,
      byte_fallback: false,
      fuse_unk: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  };
  return { json, addBegin: rule.addBegin === true };
}

function splittingRule(file: GgufFile, pre: GgufValue | undefined, bad: Bad): SplittingRule {
  const architecture = file.metadata.get('general.architecture');
  const own = typeof architecture === 'string' ? rulesByArchitecture[architecture] : undefined;
  const name = pre === undefined || pre === 'default' ? (own ?? 'default') : pre;
  const rule = typeof name === 'string' ? splittingRules.get(name) : undefined;
  if (!rule)
    throw bad(`it splits texts by the rule ${JSON.stringify(String(name).slice(0, 40))}, which is unknown`);
  return rule;
}

/**
 * SentencePiece with byte fallback. Two neighbours are joined where the whole is a piece, that of the highest score first:
 * byte-pair encoding whose merges are all pairs of pieces that make a piece.
 */
function sentencePieces({ tokens, get, bad }: Parts): Made {
  const scores = numberList(get('scores'), 'its scores', tokens.length, bad);
  if (!scores) throw bad('its pieces have no scores');
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: { pair: [string, string]; score: number; order: number }[] = [];
  tokens.forEach((token, id) => {
    const characters = Array.from(token);
    for (let cut = 1; cut < characters.length; cut++) {
      const [left, right] = [characters.slice(0, cut).join(''), characters.slice(cut).join('')];
      if (ids.has(left) && ids.has(right))
        merges.push({ pair: [left, right], score: scores[id]!, order: merges.length });
    }
  });
  merges.sort((a, b) => b.score - a.score || a.order - b.order);
  const spaced = get('add_space_prefix') !== false;
  const space = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const unk = get('unknown_token_id');
  const unknownToken = tokens[typeof unk === 'number' ? unk : 0];
  const json = {
    normalizer: {
      type: 'Sequence',
      normalizers: spaced ? [{ type: 'Prepend', prepend: '▁' }, space] : [space],
    },
    pre_tokenizer: null,
    model: {
      type: 'BPE',
      vocab: vocabulary(tokens),
      merges: merges.map((m) => m.pair),
      unk_token: unknownToken,
      byte_fallback: true,
      fuse_unk: true,
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        ...(spaced ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
  };
  return { json, addBegin: true };
}

function textList(value: GgufValue | undefined, what: string, bad: Bad): string[] {
  if (!Array.isArray(value)) throw bad(`${what} is missing`);
  if (!value.every((v) => typeof v === 'string')) throw bad(`${what} holds more than texts`);
  return value as string[];
}

function numberList(
  value: GgufValue | undefined,
  what: string,
  length: number,
  bad: Bad,
): number[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every((v) => typeof v === 'number' && Number.isFinite(v)))
    throw bad(`${what} are no list of numbers`);
  if (value.length !== length) throw bad(`${what} are ${value.length}, and there are ${length} tokens`);
  return value as number[];
}
