import assert from 'node:assert/strict';
import type { Adapter } from '../../../../server/model/types';
import { BestSoFar } from '../../../../server/training/trainer/best-so-far';

const student = (name: string) => ({ hash: name }) as Adapter;

describe('the best student so far', () => {
  const scores: Record<string, number> = { a: -2, b: -1, c: -1.2, d: -1.1, e: -0.99 };
  const best = () => new BestSoFar(async ({ hash }) => scores[hash] ?? null);

  it('is kept where later ones are worse, and two checks without a gain end the round', async () => {
    const one = best();
    assert.equal(await one.check(student('a')), true);
    assert.equal(await one.check(student('b')), true);
    assert.equal(await one.check(student('c')), true);
    assert.equal(await one.check(student('d')), false);
    assert.equal((await one.choose(student('d'))).hash, 'b');
    assert.equal((await one.choose(student('e'))).hash, 'e');
  });

  it('is the last where nothing tells them apart', async () => {
    const one = best();
    assert.equal(await one.check(student('unknown')), true);
    assert.equal((await one.choose(student('unknown'))).hash, 'unknown');
  });
});
