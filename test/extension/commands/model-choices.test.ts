import assert from 'node:assert/strict';
import { entriesOf } from '../../../extension/commands/model-choices';
import type { ModelChoice } from '../../../server/protocol/types';

const model = (change: Partial<ModelChoice>): ModelChoice => ({
  name: 'm',
  path: '/m',
  store: 'ollama',
  size: 1e9,
  precision: 'Q8_0',
  context: 32768,
  fillInTheMiddle: true,
  runs: true,
  cost: { firstLineMs: 620, roundMinutes: 4.2 },
  best: null,
  ...change,
});

describe('the entries of Choose Model', () => {
  it('say what each costs here, which is the best choice and why, what is in use and what does not run', () => {
    const entries = entriesOf(
      [
        model({ name: 'qwen2.5-coder:0.5b', path: '/small', cost: null }),
        model({
          name: 'qwen2.5-coder:1.5b',
          path: '/right',
          size: 1.6e9,
          best: 'it is the largest that is fast',
        }),
        model({ path: '/gemma', runs: 'The architecture gemma is not known.', cost: null }),
        model({ path: '', store: 'hindsight', size: 6e6 }),
      ],
      '/small',
    );
    assert.match(entries[0]!.description, /in use/);
    assert.doesNotMatch(entries[0]!.detail, /about/);
    assert.match(entries[1]!.description, /best choice here · Ollama/);
    assert.equal(
      entries[1]!.detail,
      '1.6 GB, Q8_0, reads 32768 tokens, both sides of the cursor, about 600 ms to a first line, 4 min a training round, it is the largest that is fast',
    );
    assert.equal(entries[2]!.path, null);
    assert.match(entries[2]!.detail, /gemma is not known/);
    assert.equal(entries[3]!.path, '');
    assert.doesNotMatch(entries[3]!.description, /best/);
  });
});
