import assert from 'node:assert/strict';
import fc from 'fast-check';
import { loadTokenizer } from '../../../../server/model/tokenizer/tokenizer';
import { expected, golden } from '../golden';

describe('tokenizer', () => {
  const tokenizer = loadTokenizer(golden('qwen2'), 413);

  for (const { text, ids, decoded } of expected('qwen2').tokenizer) {
    it(`encodes ${JSON.stringify(text.slice(0, 24))} as the reference does`, () => {
      assert.deepEqual(tokenizer.encode(text), ids);
      assert.equal(tokenizer.decode(ids), decoded);
    });
  }

  it('gives any text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      }),
      { numRuns: 300 },
    );
  });

  it('gives source text back: indentation, blank lines, punctuation', () => {
    const pieces = fc.constantFrom(
      '\n',
      '    ',
      '\t',
      '  ',
      'def f(',
      '):',
      '!',
      '"',
      "'",
      ' .',
      ' ,',
      " n't",
      '\r\n',
      'é',
      '::',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const text = parts.join('');
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
      }),
    );
  });

  it('knows its special tokens', () => {
    assert.equal(tokenizer.specialId('<|fim_middle|>'), 408);
    assert.equal(tokenizer.specialId('<|not_there|>'), undefined);
    assert.deepEqual(tokenizer.specialIds(), [406, 407, 408, 409, 410, 411, 412]);
  });
});
