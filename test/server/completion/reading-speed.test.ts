import assert from 'node:assert/strict';
import { ReadingSpeed } from '../../../server/completion/reading-speed';

describe('what context a machine has time for', () => {
  it('is unknown until something was read, and less on a slower machine', () => {
    const [fast, slow] = [new ReadingSpeed(), new ReadingSpeed()];
    fast.read(10, 5);
    assert.equal(fast.contextTokens, undefined);
    fast.read(400, 500);
    slow.read(400, 4000);
    assert.equal(fast.contextTokens, 384);
    assert.equal(slow.contextTokens, 0);
  });

  it('stays while the speed changes a little, and follows it when it changes a lot', () => {
    const speed = new ReadingSpeed();
    speed.read(400, 500);
    speed.read(400, 420);
    assert.equal(speed.contextTokens, 384);
    for (let i = 0; i < 12; i++) speed.read(400, 100);
    assert.equal(speed.contextTokens, 768);
  });
});
