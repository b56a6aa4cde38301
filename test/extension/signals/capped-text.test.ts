import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CappedText } from '../../../extension/signals/capped-text';

describe('CappedText', () => {
  it('keeps everything that fits', () => {
    const text = new CappedText(4);
    for (const piece of ['ab', 'cde', 'fgh']) text.add(piece);
    assert.equal(text.toString(), 'abcdefgh');
  });

  it('keeps the head and the tail and says how much is missing', () => {
    const text = new CappedText(3);
    for (const piece of ['abc', 'defghijk', 'lm']) text.add(piece);
    assert.equal(text.toString(), 'abc\n… 7 characters left out …\nklm');
  });

  it('does not depend on how the text was cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 20 }), (pieces, half) => {
        const one = new CappedText(half);
        one.add(pieces.join(''));
        const many = new CappedText(half);
        for (const piece of pieces) many.add(piece);
        assert.equal(many.toString(), one.toString());
      }),
    );
  });
});
