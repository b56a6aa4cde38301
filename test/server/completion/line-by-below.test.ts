import assert from 'node:assert/strict';
import { Patience, saysBelow } from '../../../server/completion/line-by-below';

describe('lines chosen by the code below', () => {
  it('are for models that read from left to right, where something stands below', () => {
    const stopIds = [1];
    assert.equal(saysBelow({ order: 'none', stopIds }, '\n  return x;\n}'), true);
    assert.equal(saysBelow({ order: 'none', stopIds }, '\n\n  \n'), false);
    assert.equal(saysBelow({ order: 'psm', stopIds }, '\n  return x;\n}'), false);
  });

  it('are left out for a while on a machine that is too slow, and tried again', () => {
    const patience = new Patience(100);
    const next = (milliseconds: number) => {
      const allowed = patience.allows();
      if (allowed) patience.took(milliseconds);
      return allowed;
    };
    // Two slow ones among faster ones are no slow machine.
    assert.deepEqual([900, 50, 60, 900, 70].map(next), [true, true, true, true, true]);
    assert.deepEqual([900, 900].map(next), [true, true]);
    const answers = Array.from({ length: 51 }, () => next(50));
    assert.deepEqual([answers.indexOf(true), answers.filter(Boolean).length], [50, 1]);
    assert.ok(next(50));
  });
});
