import assert from 'node:assert/strict';
import { SIGNAL_KINDS, SIGNALS, type SignalKind } from '../../../server/protocol/signals';
import { signalBits, signalsOf } from '../../../server/store/codec';

describe('the records of the signals', () => {
  it('keep the bits that are on disk, and give none out twice', () => {
    const onDisk: Record<SignalKind, number> = {
      edited: 1,
      'test-failed': 2,
      'test-fixed': 4,
      diagnostic: 8,
      'diagnostic-fixed': 16,
      'typed-otherwise': 32,
      words: 64,
      thumbs: 128,
      kept: 256,
    };
    for (const [kind, bits] of Object.entries(onDisk)) assert.equal(signalBits([kind as SignalKind]), bits);
    assert.equal(new Set(SIGNAL_KINDS.map((kind) => SIGNALS[kind].bit)).size, SIGNAL_KINDS.length);
    for (const kind of SIGNAL_KINDS) assert.deepEqual(signalsOf(signalBits([kind])), [kind]);
  });
});
