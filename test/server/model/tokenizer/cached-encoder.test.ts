import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as Inner } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { loadTokenizer } from '../../../../server/model/tokenizer/tokenizer';
import { removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const split = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});
const qwen =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** How published models split texts. */
const splitters: Record<string, object | null> = {
  'gpt2, starcoder2': { ...byteLevel, use_regex: true },
  'qwen, llama 3': { type: 'Sequence', pretokenizers: [split(qwen), byteLevel] },
  'deepseek-coder': {
    type: 'Sequence',
    pretokenizers: [split('[\\r\\n]'), split('\\s?\\p{L}+'), split('\\s?\\p{P}+'), byteLevel],
  },
  smollm2: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Digits', individual_digits: true },
      { ...byteLevel, use_regex: true },
    ],
  },
  'without splitting': byteLevel,
};

/** Source text: what stands at a line's end and at the next one's beginning, in every mixture. */
const pieces = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        '\n',
        '\n\n',
        '    ',
        '\t',
        ' ',
        '\r\n',
        ';',
        ':',
        '{',
        '}',
        '(',
        ')',
        ',',
        '//',
      ),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        'foo',
        'return',
        'x',
        'self.',
        '"a"',
        "'s",
        '_',
        '1',
        '42',
        '::',
        '<|endoftext|>',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 3 }) },
  ),
  { minLength: 120, maxLength: 200 },
);

describe('encoding of long documents', () => {
  after(removeFolders);
  const original = JSON.parse(readFileSync(join(golden('qwen2'), 'tokenizer.json'), 'utf8'));
  const load = (pre: object | null) => {
    const json = { ...original, pre_tokenizer: pre };
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json));
    const whole = new Inner(json, { clean_up_tokenization_spaces: false });
    return {
      tokenizer: loadTokenizer(folder, 413),
      whole: (text: string) => whole.encode(text, { add_special_tokens: false }).ids.map(Number),
    };
  };

  for (const [name, pre] of Object.entries(splitters)) {
    it(`gives what encoding it whole gives (${name})`, () => {
      const { tokenizer, whole } = load(pre);
      fc.assert(
        fc.property(pieces, (parts) => {
          const text = parts.join('');
          const ids = tokenizer.encode(text);
          assert.deepEqual(ids, whole(text));
          assert.equal(tokenizer.decode(ids), text);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('costs after a keystroke little of what it cost at first', () => {
    const { tokenizer } = load(original.pre_tokenizer);
    const line = (i: number) => `    const value${i} = compute(${i * 37}, "text ${i % 11}");\n`;
    const text = Array.from({ length: 1500 }, (_, i) => line(i)).join('');
    const time = (document: string) => {
      const start = performance.now();
      const ids = tokenizer.encode(document);
      return { ids, ms: performance.now() - start };
    };
    const first = time(text);
    const typed = time(`${text.slice(0, 40_000)}x${text.slice(40_000)}`);
    assert.ok(typed.ids.length >= first.ids.length);
    assert.ok(typed.ms < first.ms / 3, `${first.ms} ms at first, ${typed.ms} ms after a keystroke`);
  });
});
