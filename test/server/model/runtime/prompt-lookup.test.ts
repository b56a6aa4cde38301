import assert from 'node:assert/strict';
import { Lookup } from '../../../../server/model/runtime/prompt-lookup';

describe('lookup', () => {
  it('continues as the text went on after the same three tokens, the latest time', () => {
    assert.deepEqual(new Lookup([1, 2, 3, 4, 5, 1, 2, 3]).guess(), [4, 5, 1, 2, 3]);
    assert.deepEqual(new Lookup([1, 2, 3, 4, 1, 2, 3, 9, 1, 2, 3]).guess(), [9, 1, 2, 3]);
  });

  it('is silent without a precedent', () => {
    assert.deepEqual(new Lookup([1, 2, 3, 4]).guess(), []);
    assert.deepEqual(new Lookup([7]).guess(), []);
    assert.deepEqual(new Lookup([]).guess(), []);
  });

  it('grows with what is generated', () => {
    const lookup = new Lookup([1, 2, 3]);
    for (const id of [4, 5, 1, 2]) lookup.push(id);
    assert.deepEqual(lookup.guess(), []);
    lookup.push(3);
    assert.deepEqual(lookup.guess(), [4, 5, 1, 2, 3]);
  });

  it('takes a later text before an earlier one', () => {
    assert.deepEqual(
      new Lookup(
        [8, 1, 2, 3],
        [
          [1, 2, 3, 6],
          [1, 2, 3, 7],
        ],
      ).guess(),
      [7],
    );
  });

  it('copies from other texts, and from the prompt first', () => {
    assert.deepEqual(new Lookup([8, 1, 2, 3], [[1, 2, 3, 6, 7]]).guess(), [6, 7]);
    assert.deepEqual(new Lookup([1, 2, 3, 5, 1, 2, 3], [[1, 2, 3, 6]]).guess(), [5, 1, 2, 3]);
  });
});
