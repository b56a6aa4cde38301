import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  argmax,
  logSoftmax,
  logSoftmaxRows,
  logSumExp,
  topIds,
  topIdsOfRows,
} from '../../../server/base/logits';

const rows = fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 });

describe('logits', () => {
  it('sums probabilities to one, however large the logits are', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: -1e6, max: 1e6 }), (row, shift) => {
        const sum = logSoftmax(row.map((x) => x + shift)).reduce((s, x) => s + Math.exp(x), 0);
        assert.ok(Math.abs(sum - 1) < 1e-6);
      }),
    );
  });

  it('adds nothing up to nothing', () => {
    assert.equal(logSumExp([-Infinity, -Infinity]), -Infinity);
    assert.equal(logSumExp([0, -Infinity]), 0);
  });

  it('finds the largest as a full sort does, the first of equals first', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (row, k) => {
        const order = row.map((_, i) => i).sort((a, b) => row[b]! - row[a]! || a - b);
        assert.deepEqual(topIds(row, k), order.slice(0, k));
        assert.equal(argmax(row), order[0]);
      }),
    );
  });

  it('goes row by row', () => {
    const two = Float32Array.of(1, 3, 2, 9, 7, 8);
    assert.deepEqual([...topIdsOfRows(two, 3, 2)], [1, 2, 0, 2]);
    assert.deepEqual([...logSoftmaxRows(two, 3).subarray(3)], [...Float32Array.from(logSoftmax([9, 7, 8]))]);
  });
});
