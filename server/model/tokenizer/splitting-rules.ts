/**
 * How texts are split before byte-pair encoding, by the name that GGUF files give it (`tokenizer.ggml.pre`). The patterns are
 * those of the models' own tokenizer.json files.
 */

/** A stage of tokenizer.json's `pre_tokenizer`. */
export type Stage = Record<string, unknown>;

export interface SplittingRule {
  stages: readonly Stage[];
  /** A piece that is a token is taken whole, without going through the merges. */
  ignoreMerges?: boolean;
  /** Texts begin with the begin-of-text token where the file does not say otherwise. */
  addBegin?: boolean;
  /** Texts are brought to Unicode's composed form first. */
  composed?: boolean;
}

const split = (Regex: string): Stage => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});
const digits: Stage = { type: 'Digits', individual_digits: true };
const bytes: Stage = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
/** With GPT-2's own pattern. */
const gpt2Bytes: Stage = { ...bytes, use_regex: true };

const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
/** Words, numbers in groups of `number`, other characters with the line breaks behind them, white space. */
const modern = (number: string) =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${number}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const upper = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const lower = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
/** As `modern`, with words cut before capitals. */
const cased = (number: string, ending: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${ending}|[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${ending}|` +
  `${number}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const punctuation = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';
const hanAndHangul = '[一-龥ࠀ-一가-퟿]+';
/** Letters of scripts that have capitals; the model's own pattern lists their ranges. */
const casedLetters = '\\p{Lu}\\p{Ll}\\p{Lt}';

const gpt2: SplittingRule = { stages: [gpt2Bytes] };
const singleDigits: SplittingRule = { stages: [digits, gpt2Bytes] };
const llama3: SplittingRule = {
  stages: [split(modern('\\p{N}{1,3}')), bytes],
  ignoreMerges: true,
  addBegin: true,
};
const qwen2: SplittingRule = { stages: [split(modern('\\p{N}')), bytes], composed: true };
const threeDigits: SplittingRule = { stages: [split(modern('\\p{N}{1,3}')), bytes] };
const deepseek3: SplittingRule = {
  stages: [
    split('\\p{N}{1,3}'),
    split('[一-龥぀-ゟ゠-ヿ]+'),
    split(
      `${punctuation}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
    ),
    bytes,
  ],
};
const gpt4o: SplittingRule = { stages: [split(cased('\\p{N}{1,3}', `${contractions}?`)), bytes] };
const bloom: SplittingRule = { stages: [split(' ?[^(\\s|.,!?…。，、।۔،)]+'), bytes] };

const named: [SplittingRule, readonly string[]][] = [
  [
    gpt2,
    [
      'gpt-2',
      'phi-2',
      'mpt',
      'olmo',
      'jais',
      'trillion',
      'granite-docling',
      'gigachat',
      'a.x-4.0',
      'mellum',
      'exaone4',
      'roberta-bpe',
      'jina-v1-en',
      'jina-v2-code',
      'jina-v2-es',
      'jina-v2-de',
      'jina-es',
      'jina-de',
    ],
  ],
  [
    singleDigits,
    ['starcoder', 'refact', 'command-r', 'smollm', 'codeshell', 'exaone', 'minerva-7b', 'mellum2'],
  ],
  [llama3, ['llama3', 'llama-v3', 'llama-bpe', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0', 'lfm2']],
  [qwen2, ['qwen2', 'deepseek-r1-qwen', 'kormo', 'megrez', 'hunyuan', 'stablelm2', 'solar-open', 'grok-2']],
  [threeDigits, ['dbrx', 'smaug-bpe', 'glm4', 'chatglm-bpe']],
  [deepseek3, ['deepseek-v3', 'hunyuan-dense', 'joyai-llm']],
  [gpt4o, ['gpt-4o', 'llama4', 'minimax-m2']],
  [bloom, ['poro-chat', 'bloom', 'gpt3-finnish']],
  [{ stages: [split(' ?[^(\\s|.,!?…。，、।۔،)]+'), digits, bytes] }, ['viking']],
  [{ stages: [split(cased('\\p{N}', '')), bytes], ignoreMerges: true, addBegin: true }, ['tekken']],
  [
    {
      stages: [
        split('[\\r\\n]'),
        split('\\s?\\p{L}+'),
        split('\\s?\\p{P}+'),
        split(hanAndHangul),
        digits,
        bytes,
      ],
    },
    ['deepseek-coder'],
  ],
  [
    {
      stages: [
        split('[\\r\\n]'),
        split(`\\s?[${casedLetters}]+`),
        split('\\s?[!-/:-~！-／：-～‘-‟　-。]+'),
        split('\\s+$'),
        split(hanAndHangul),
        split('\\p{N}+'),
        bytes,
      ],
    },
    ['deepseek-llm'],
  ],
  [
    {
      stages: [
        split(
          `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
        ),
        bytes,
      ],
    },
    ['seed-coder'],
  ],
  [{ stages: [split('[\\p{P}$+<=>^~|`]+'), gpt2Bytes, split('[0-9][0-9][0-9]')] }, ['falcon']],
  // What files of before the setting came are read with: punctuation apart, numbers in groups of three.
  [
    {
      stages: [
        split('[\\p{P}$+<=>^~|]+'),
        split(gpt2Pattern),
        split('\\p{N}+'),
        split('[0-9][0-9][0-9]'),
        bytes,
      ],
    },
    ['default'],
  ],
];

export const splittingRules: ReadonlyMap<string, SplittingRule> = new Map(
  named.flatMap(([rule, names]) => names.map((name) => [name, rule] as const)),
);
