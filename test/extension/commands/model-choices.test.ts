import assert from 'node:assert/strict';
import { bestOf, entriesOf } from '../../../extension/commands/model-choices';
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
  ...change,
});
const embedded = model({ name: 'embedded', path: '', store: 'hindsight', size: 6e6 });

describe('the entries of Choose Model', () => {
  it('mark the largest comfortable model that reads both sides, and what is in use', () => {
    const small = model({ name: 'qwen2.5-coder:0.5b', path: '/small', size: 5e8 });
    const right = model({ name: 'qwen2.5-coder:1.5b', path: '/right', size: 1.6e9 });
    const large = model({ name: 'qwen2.5-coder:7b', path: '/large', size: 8e9 });
    const oneSided = model({ name: 'llama', path: '/llama', size: 1.9e9, fillInTheMiddle: false });
    const broken = model({ name: 'gemma', path: '/gemma', runs: 'The architecture gemma is not known.' });
    const all = [small, right, large, oneSided, broken, embedded];
    assert.equal(bestOf(all), right);
    const entries = entriesOf(all, '/small');
    assert.match(entries[1]!.description, /best choice here · Ollama/);
    assert.match(entries[1]!.detail, /1\.6 GB, Q8_0, reads 32768 tokens, both sides.*fast/);
    assert.match(entries[0]!.description, /in use/);
    assert.equal(entries[4]!.path, null);
    assert.match(entries[4]!.detail, /gemma is not known/);
    assert.equal(entries[5]!.path, '');
  });

  it('mark the smallest where all are large, one-sided ones where there is nothing else, and none where only the embedded one runs', () => {
    const seven = model({ size: 8e9 });
    const three = model({ size: 3e9 });
    assert.equal(bestOf([seven, three]), three);
    const left = model({ fillInTheMiddle: false });
    assert.equal(bestOf([embedded, left]), left);
    assert.equal(bestOf([embedded, model({ runs: 'no' })]), undefined);
  });
});
