import assert from 'node:assert/strict';
import { parseConfig } from '../../../../server/model/architectures/config';
import { inverseFrequencies } from '../../../../server/model/architectures/rope';
import { ModelError } from '../../../../server/model/errors';

const base = {
  model_type: 'llama',
  vocab_size: 100,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 4,
};
const parse = (more: object) => parseConfig({ ...base, ...more }, 'config.json');

describe('config.json', () => {
  it('reads the old and the new keys of the rotation alike', () => {
    const old = parse({ rope_theta: 5e5, rope_scaling: { type: 'linear', factor: 4 } });
    const renamed = parse({ rope_parameters: { rope_type: 'linear', rope_theta: 5e5, factor: 4 } });
    assert.deepEqual(old.rope, renamed.rope);
    assert.equal(old.rope.theta, 5e5);
  });

  it('reads a rotation that is given for each type of layer, if it is one', () => {
    const one = { rope_type: 'linear', rope_theta: 5e5, factor: 4 };
    const nested = parse({ rope_parameters: { full_attention: one, sliding_attention: { ...one } } });
    assert.deepEqual(nested.rope, parse({ rope_parameters: one }).rope);
    const two = { full_attention: one, sliding_attention: { ...one, factor: 8 } };
    assert.throws(() => parse({ rope_parameters: two }), /rope_parameters differ between layers/);
  });

  it('stretches frequencies as each scaling says', () => {
    const plain = inverseFrequencies(parse({}).rope, 10);
    const linear = inverseFrequencies(parse({ rope_scaling: { type: 'linear', factor: 4 } }).rope, 10);
    assert.deepEqual(
      [...linear],
      [...plain].map((f) => f / 4),
    );
    const dynamic = parse({
      max_position_embeddings: 32,
      rope_scaling: { rope_type: 'dynamic', factor: 2 },
    }).rope;
    assert.deepEqual(inverseFrequencies(dynamic, 32), plain);
    assert.ok(inverseFrequencies(dynamic, 64)[1]! < plain[1]!);
    const llama3 = {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    };
    const scaled = inverseFrequencies(parse({ rope_scaling: llama3 }).rope, 10);
    assert.equal(scaled[0], plain[0]);
    assert.equal(scaled.at(-1), plain.at(-1)! / 8);
  });

  it('knows which layers see a window', () => {
    const windows = (more: object) => parse({ sliding_window: 8, ...more }).windows;
    assert.deepEqual(windows({}), [null, null, null, null]);
    assert.deepEqual(windows({ model_type: 'mistral' }), [8, 8, 8, 8]);
    assert.deepEqual(windows({ model_type: 'mistral', sliding_window: null }), [null, null, null, null]);
    assert.deepEqual(windows({ model_type: 'starcoder2' }), [8, 8, 8, 8]);
    assert.deepEqual(windows({ model_type: 'qwen2', max_window_layers: 2 }), [null, null, null, null]);
    const qwen = { model_type: 'qwen2', use_sliding_window: true, max_window_layers: 2 };
    assert.deepEqual(windows(qwen), [null, null, 8, 8]);
    const layer_types = ['sliding_attention', 'full_attention', 'full_attention', 'sliding_attention'];
    assert.deepEqual(windows({ ...qwen, layer_types }), [8, null, null, 8]);
  });

  it('knows the biases of each layout', () => {
    assert.deepEqual(parse({ model_type: 'qwen2' }).biases, {
      queryKeyValue: true,
      attentionOutput: false,
      mlp: false,
    });
    assert.deepEqual(parse({ attention_bias: true, mlp_bias: true }).biases, {
      queryKeyValue: true,
      attentionOutput: true,
      mlp: true,
    });
    assert.equal(parse({ model_type: 'starcoder2', use_bias: false }).biases.mlp, false);
  });

  const refused: Record<string, [unknown, RegExp]> = {
    'an unknown layout': [{ ...base, model_type: 'mamba' }, /layout "mamba", which Hindsight cannot run/],
    'no layout': [{}, /layout null/],
    'a list': [[], /holds no JSON object/],
    'no number of layers': [{ ...base, num_hidden_layers: undefined }, /num_hidden_layers is null/],
    'a width of zero': [{ ...base, hidden_size: 0 }, /hidden_size is 0/],
    'a text for a number': [{ ...base, vocab_size: '100' }, /vocab_size is "100"/],
    'heads that do not divide': [{ ...base, num_key_value_heads: 3 }, /do not divide/],
    'an odd head': [{ ...base, head_dim: 7 }, /odd/],
    'an unknown activation': [{ ...base, hidden_act: 'xielu' }, /activation "xielu"/],
    'an activation of every object': [{ ...base, hidden_act: 'toString' }, /activation "toString"/],
    'an unknown rotation': [{ ...base, rope_scaling: { rope_type: 'longrope' } }, /rope scaling "longrope"/],
    'a rotation without a factor': [{ ...base, rope_scaling: { type: 'linear', factor: 'x' } }, /factor/],
    'quantised weights': [{ ...base, quantization_config: { bits: 4 } }, /quantised/],
    'layer types for other layers': [
      { ...base, model_type: 'qwen3', use_sliding_window: true, layer_types: ['full_attention'] },
      /layer_types names 1 of 4/,
    ],
  };
  for (const [what, [json, message]] of Object.entries(refused)) {
    it(`refuses ${what} in one sentence that names the file`, () => {
      assert.throws(
        () => parseConfig(json, '/models/x/config.json'),
        (e) =>
          e instanceof ModelError && message.test(e.message) && e.message.startsWith('/models/x/config.json'),
      );
    });
  }
});
