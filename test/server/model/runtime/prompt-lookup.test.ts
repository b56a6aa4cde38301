import assert from 'node:assert/strict';
import { PromptLookup } from '../../../../server/model/runtime/prompt-lookup';

describe('lookup', () => {
  it('continues as the text went on after the same three tokens, the latest time', () => {
    assert.deepEqual(new PromptLookup([1, 2, 3, 4, 5, 1, 2, 3]).draft(), [4, 5, 1, 2, 3]);
    assert.deepEqual(new PromptLookup([1, 2, 3, 4, 1, 2, 3, 9, 1, 2, 3]).draft(), [9, 1, 2, 3]);
  });

  it('is silent without a precedent', () => {
    assert.deepEqual(new PromptLookup([1, 2, 3, 4]).draft(), []);
    assert.deepEqual(new PromptLookup([7]).draft(), []);
    assert.deepEqual(new PromptLookup([]).draft(), []);
  });

  it('grows with what is generated', () => {
    const lookup = new PromptLookup([1, 2, 3]);
    for (const id of [4, 5, 1, 2]) lookup.push(id);
    assert.deepEqual(lookup.draft(), []);
    lookup.push(3);
    assert.deepEqual(lookup.draft(), [4, 5, 1, 2, 3]);
  });

  it('takes a later text before an earlier one', () => {
    assert.deepEqual(
      new PromptLookup(
        [8, 1, 2, 3],
        [
          [1, 2, 3, 6],
          [1, 2, 3, 7],
        ],
      ).draft(),
      [7],
    );
  });

  it('copies from other texts, and from the prompt first', () => {
    assert.deepEqual(new PromptLookup([8, 1, 2, 3], [[1, 2, 3, 6, 7]]).draft(), [6, 7]);
    assert.deepEqual(new PromptLookup([1, 2, 3, 5, 1, 2, 3], [[1, 2, 3, 6]]).draft(), [5, 1, 2, 3]);
  });
});
