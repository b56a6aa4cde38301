import assert from 'node:assert/strict';
import { logSumExp } from '../../../../server/base/logits';
import { seededRandom } from '../../../../server/base/random';
import { sample } from '../../../../server/model/runtime/sampler';

const logits = Float32Array.of(1, 3, 2, -1, Number.NEGATIVE_INFINITY);

describe('sampler', () => {
  const draws = (options: Parameters<typeof sample>[1], n = 4000) => {
    const counts = new Array(logits.length).fill(0);
    for (let i = 0; i < n; i++) counts[sample(logits, options).id]++;
    return counts.map((c) => c / n);
  };
  const probability = (i: number, temperature = 1) => {
    const scaled = logits.map((z) => z / temperature);
    return Math.exp(scaled[i]! - logSumExp(scaled));
  };

  it('is greedy at temperature 0 and takes the first of equals', () => {
    assert.equal(sample(logits, { random: seededRandom(1) }).id, 1);
    assert.equal(sample(Float32Array.of(2, 5, 5), { random: seededRandom(1) }).id, 1);
  });

  it('draws each token as often as its probability says, at any temperature', () => {
    for (const temperature of [0.7, 1, 2]) {
      const shares = draws({ temperature, random: seededRandom(7) });
      for (const [i, share] of shares.entries())
        assert.ok(Math.abs(share - probability(i, temperature)) < 0.03);
      assert.equal(shares[4], 0);
    }
  });

  it('keeps to the smallest set that reaches top-p', () => {
    const shares = draws({ temperature: 1, topP: 0.7, random: seededRandom(7) });
    const both = probability(1) + probability(2);
    assert.ok(probability(1) < 0.7 && both > 0.7);
    assert.ok(Math.abs(shares[1]! - probability(1) / both) < 0.03);
    assert.equal(shares[0], 0);
    assert.equal(sample(logits, { temperature: 1, topP: 0, random: seededRandom(1) }).id, 1);
  });

  it('reports the log-prob of the whole distribution, whatever is banned or cut off', () => {
    const { id, logProb } = sample(logits, { bannedIds: [1], random: seededRandom(1) });
    assert.equal(id, 2);
    assert.ok(Math.abs(logProb - Math.log(probability(2))) < 1e-6);
  });

  it('gives the same numbers for a seed on every machine', () => {
    const random = seededRandom(42);
    assert.deepEqual(
      [random(), random()].map((x) => x.toFixed(8)),
      ['0.60110375', '0.44829056'],
    );
  });
});
