import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { readCases, runCases } from '../../../server/bench/model/check';
import { ModelError } from '../../../server/model/errors';
import { blockFormats } from '../../../server/model/files/gguf/blocks';
import type { GgmlType } from '../../../server/model/files/gguf/types';
import { readFloats, readHeader } from '../../../server/model/files/safetensors';
import { inspectModel } from '../../../server/model/inspect';
import { openModel } from '../../../server/model/open';
import { openSource } from '../../../server/model/sources/open-source';
import type { OpenModelOptions } from '../../../server/model/types';
import { ROOT } from '../../root';
import type { Setting, TensorToWrite } from './files/gguf/writer';
import { removeFolders, temporaryFolder } from './folders';
import { asFolder, asGguf, llamaTensors, sizes } from './gguf-models';
import { compare } from './golden';

const fixtures = join(ROOT, 'test/fixtures/gguf');
const cpu = { device: 'cpu' } as const;

/** Logits at every position of `ids`, [ids, vocabulary]. */
async function logits(path: string, options: OpenModelOptions = {}) {
  const model = await openModel(path, { ...cpu, ...options });
  const scorer = await model.scorer();
  const out = await scorer.logits(ids.slice(0, 1), [...ids.slice(1), 0], null);
  await model.close();
  return out;
}

const ids = Array.from({ length: 20 }, (_, i) => (i * 37 + 5) % 256);

describe('a GGUF file as a model', () => {
  before(() => {
    process.env.XDG_CACHE_HOME = join(temporaryFolder(), 'cache');
  });
  after(() => {
    delete process.env.XDG_CACHE_HOME;
    removeFolders();
  });

  for (const name of ['llama', 'qwen2', 'qwen3', 'starcoder2']) {
    it(`computes what PyTorch computes: ${name}`, async () => {
      const model = await openModel(join(fixtures, `${name}.gguf`), { ...cpu, precision: 'float32' });
      const file = join(fixtures, `${name}.safetensors`);
      const { tensors } = await runCases(model, readCases(file, model.parts.config.vocabularySize));
      await model.close();
      assert.deepEqual([...tensors.keys()], ['long_logits']);
      const wanted = readFloats(readHeader(file).tensors.get('long_logits')!);
      const { error, largest } = compare(tensors.get('long_logits')!.data as Float32Array, wanted);
      assert.ok(error <= 1e-5 * largest, `off by ${error} of ${largest}`);
    });
  }

  const types = [...(Object.keys(blockFormats) as GgmlType[]), 'F16', 'BF16', 'F32'] as const;
  for (const type of types) {
    it(`computes with ${type} as with its values in float32`, async () => {
      const tensors = llamaTensors(type);
      const wanted = await logits(await asFolder(tensors));
      const { error, largest } = compare(await logits(asGguf(tensors)), wanted);
      assert.ok(largest > 0.01, `the logits are at most ${largest}`);
      assert.ok(error <= 1e-4 * largest, `off by ${error} of ${largest}`);
    });
  }

  for (const type of ['Q4_1', 'Q6_K', 'Q3_K', 'Q5_K', 'Q8_0'] as const) {
    it(`writes with ${type} what its values in float32 write, exactly and nearly so when it rounds`, async () => {
      const tensors = llamaTensors(type, 3);
      const request = { prompt: ids, maxTokens: 12, stopIds: [] };
      const generate = async (path: string, options: OpenModelOptions = {}) => {
        const model = await openModel(path, { ...cpu, ...options });
        const generation = await (await model.decoder()).generate(request);
        await model.close();
        return generation;
      };
      const wanted = await generate(await asFolder(tensors));
      const path = asGguf(tensors);
      const exact = await generate(path, { precision: 'float32' });
      assert.deepEqual(exact.ids, wanted.ids);
      assert.ok(compare(exact.logProbs, wanted.logProbs).error < 1e-3);
      const rounded = await generate(path);
      assert.ok(Math.abs(rounded.logProbs[0]! - wanted.logProbs[0]!) < 0.3);
      assert.notDeepEqual(rounded.logProbs, exact.logProbs);
    });

    it(`trains an adapter above ${type} as above its values in float32`, async () => {
      const tensors = llamaTensors(type, 4);
      const train = async (path: string) => {
        const model = await openModel(path, { ...cpu, recompute: type === 'Q5_K' });
        const trainer = await model.trainer({ rank: 4, alpha: 8, seed: 2 });
        const row = { prompt: ids.slice(0, 9), response: ids.slice(9), crossEntropy: 1 };
        const losses: number[] = [];
        for (let step = 0; step < 3; step++) {
          losses.push((await trainer.accumulate([row], 1)).crossEntropy[0]!);
          const { gradNorm } = trainer.step({
            learningRate: 0.01,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weightDecay: 0,
            maxGradNorm: 1,
          });
          losses.push(gradNorm);
        }
        await model.close();
        return losses;
      };
      const wanted = await train(await asFolder(tensors));
      const got = await train(asGguf(tensors));
      assert.ok(wanted[4]! < wanted[0]!, 'it learns');
      const { error, largest } = compare(got, wanted);
      assert.ok(error <= 2e-3 * largest, `${got} and not ${wanted}`);
    });
  }

  it('scores and trains above a float32 copy where that is asked for, and decodes as ever', async () => {
    const path = asGguf(llamaTensors('Q4_K', 5));
    const own = await openModel(path, cpu);
    const wide = await openModel(path, { ...cpu, trainingPrecision: 'auto' });
    assert.ok(own.parts.weights.packed && !own.parts.decodeWeights);
    assert.ok(!wide.parts.weights.packed && wide.parts.decodeWeights?.packed);
    const both = await Promise.all(
      [own, wide].map(async (model) => {
        const scorer = await model.scorer();
        const scored = await scorer.logits(ids.slice(0, 4), ids.slice(4), null);
        const decoder = await model.decoder();
        const written = await decoder.generate({ prompt: ids, maxTokens: 8, stopIds: [] });
        await model.close();
        return { scored, written };
      }),
    );
    const { error, largest } = compare(both[1]!.scored, both[0]!.scored);
    assert.ok(error <= 1e-4 * largest, `off by ${error} of ${largest}`);
    assert.deepEqual(both[1]!.written, both[0]!.written);
  });

  it('leaves weights in the file where they can be used as they lie there', async () => {
    const path = join(fixtures, 'qwen2.gguf');
    const quantized = await openModel(path, cpu);
    assert.notEqual(quantized.parts.weights.folder, dirname(path));
    await quantized.close();
    const tensors = llamaTensors('F16');
    const qwen = { 'general.architecture': { text: 'qwen2' } } satisfies Record<string, Setting>;
    const file = asGguf(tensors, { ...qwen, ...renamed('qwen2') });
    const model = await openModel(file, cpu);
    assert.equal(model.parts.weights.folder, dirname(file));
    assert.equal(model.name, 'model');
    await model.close();
  });

  it('opens the only GGUF file of a folder, and reads its text and its name', async () => {
    const path = asGguf(llamaTensors('Q8_0'), { 'tokenizer.ggml.eos_token_id': { u32: 260 } });
    const model = await openModel(dirname(path), cpu);
    assert.equal(model.path, path);
    assert.deepEqual(model.format.stopIds, [260]);
    assert.equal(model.format.order, 'none');
    assert.equal(model.tokenizer.decode(model.tokenizer.encode('cab ')), 'cab ');
    assert.equal(model.parameters, (await openModel(path, cpu)).parameters);
    await model.close();
  });

  it('tells apart models that differ in nothing but their weights', async () => {
    const hash = async (seed: number) => (await openModel(asGguf(llamaTensors('Q4_0', seed)), cpu)).hash;
    assert.equal(await hash(1), await hash(1));
    assert.notEqual(await hash(1), await hash(2));
  });

  it('makes its fill-in-the-middle prompts of the tokens that the file names by key', async () => {
    const key = (name: string, id: number) => ({ [`tokenizer.ggml.${name}`]: { u32: id } });
    const now = {
      ...key('fim_pre_token_id', 270),
      ...key('fim_suf_token_id', 271),
      ...key('fim_mid_token_id', 272),
    };
    const old = {
      ...key('prefix_token_id', 270),
      ...key('suffix_token_id', 271),
      ...key('middle_token_id', 272),
    };
    for (const keys of [{ ...now, ...key('fim_pad_token_id', 273), ...key('fim_sep_token_id', 274) }, old]) {
      const { format, tokenizer } = await openModel(asGguf(llamaTensors('Q8_0'), keys), cpu);
      assert.equal(format.order, 'psm');
      assert.deepEqual([format.prefixId, format.suffixId, format.middleId], [270, 271, 272]);
      for (const id of [270, 271, 272]) assert.ok(tokenizer.specialIds().includes(id));
      if (keys !== old) assert.ok([273, 274].every((id) => format.stopIds.includes(id)));
    }
  });

  describe('with a rotation that is stretched', () => {
    const llama = (key: string) => `llama.rope.scaling.${key}`;
    const cases: Record<string, [Record<string, Setting>, Record<string, unknown>]> = {
      linear: [
        { [llama('type')]: { text: 'linear' }, [llama('factor')]: { f32: 4 } },
        { rope_scaling: { rope_type: 'linear', factor: 4 } },
      ],
      yarn: [
        {
          [llama('type')]: { text: 'yarn' },
          [llama('factor')]: { f32: 2 },
          [llama('original_context_length')]: { u32: 64 },
        },
        { rope_scaling: { rope_type: 'yarn', factor: 2, original_max_position_embeddings: 64 } },
      ],
      none: [{ [llama('type')]: { text: 'none' }, [llama('factor')]: { f32: 4 } }, {}],
    };
    for (const [name, [settings, config]] of Object.entries(cases)) {
      it(name, async () => {
        const tensors = llamaTensors('Q8_0');
        const wanted = await logits(await asFolder(tensors, config));
        const { error, largest } = compare(await logits(asGguf(tensors, settings)), wanted);
        assert.ok(error <= 1e-4 * largest, `off by ${error} of ${largest}`);
      });
    }

    it('as Llama 3 has it, by a tensor of divisors', async () => {
      const scaling = {
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 64,
      };
      const tensors = llamaTensors('Q8_0');
      const wanted = await logits(await asFolder(tensors, { rope_scaling: scaling }));
      // As llama.cpp's converter works them out.
      const divisors = Float32Array.from({ length: sizes.head / 2 }, (_, i) => {
        const wavelength = 2 * Math.PI * 10000 ** ((2 * i) / sizes.head);
        if (wavelength < 64 / 4) return 1;
        if (wavelength > 64 / 1) return 8;
        const smooth = (64 / wavelength - 1) / (4 - 1);
        return 1 / ((1 - smooth) / 8 + smooth);
      });
      const bytes = new Uint8Array(divisors.buffer);
      const path = asGguf({
        ...tensors,
        'rope_freqs.weight': { type: 'F32', shape: [divisors.length], bytes },
      });
      const { error, largest } = compare(await logits(path), wanted);
      assert.ok(error <= 1e-4 * largest, `off by ${error} of ${largest}`);
      assert.ok(compare(await logits(asGguf(tensors)), wanted).error > 1e-2 * largest);
    });
  });

  it('damaged anywhere in its header is used or refused, and nothing else', function () {
    this.timeout(60_000);
    const good = readFileSync(asGguf(llamaTensors('Q8_0'), { 'tokenizer.ggml.bos_token_id': { u32: 3 } }));
    const path = join(temporaryFolder(), 'damaged.gguf');
    // Without the tensors' bytes, which nothing here reads, but as long.
    const header = good.subarray(0, 24_000);
    const settings = good.indexOf('token_embd.weight');
    fc.assert(
      fc.property(
        fc.nat(settings + 1500),
        fc.constantFrom(1, 2, 4, 8),
        fc.oneof(
          fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          fc.constantFrom(0n, 1n, 3n, 255n, 2n ** 32n - 1n),
        ),
        (at, width, value) => {
          const damaged = Buffer.from(header);
          const number = Buffer.alloc(8);
          number.writeBigUInt64LE(value);
          number.copy(damaged, at, 0, width);
          writeFileSync(path, damaged);
          truncateSync(path, good.length);
          try {
            const { config, readTexts } = openSource(path);
            assert.ok(config.layers > 0 && config.vocabularySize > 0);
            const { tokenizer, format } = readTexts();
            for (const id of [...tokenizer.encode('a = b'), ...format.stopIds])
              assert.ok(id >= 0 && id < config.vocabularySize);
          } catch (error) {
            assert.ok(error instanceof ModelError, String(error instanceof Error ? error.stack : error));
          }
          const { runs } = inspectModel(path);
          assert.ok(runs === true || runs.includes(path), String(runs));
        },
      ),
      { numRuns: 600 },
    );
  });

  describe('is refused in one sentence', () => {
    const good = llamaTensors('Q8_0');
    const without = (name: string) =>
      Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
    const one: TensorToWrite = { type: 'F32', shape: [4], bytes: new Uint8Array(16) };
    const cases: Record<string, [Record<string, TensorToWrite>, Record<string, Setting>, RegExp]> = {
      'of an architecture that does not run': [
        good,
        { 'general.architecture': { text: 'mamba' } },
        /the architecture "mamba", which Hindsight cannot run: choose .* llama, qwen2, qwen3, starcoder2/,
      ],
      'with a number for an architecture': [
        good,
        { 'general.architecture': { u32: 3 } },
        /the architecture 3/,
      ],
      'without a tensor': [without('blk.1.ffn_up.weight'), {}, /it lacks the tensor blk\.1\.ffn_up\.weight/],
      'without an embedding': [without('token_embd.weight'), {}, /it lacks the tensor token_embd\.weight/],
      'with a tensor of another shape': [
        { ...good, 'blk.0.attn_q.weight': good['blk.0.attn_k.weight']! },
        {},
        /the tensor blk\.0\.attn_q\.weight has the shape \[128,256\] where the sizes of the model say \[256,256\]/,
      ],
      'with a tensor that has no place': [
        { ...good, 'blk.0.ssm_a.weight': one },
        {},
        /it has the tensor "blk\.0\.ssm_a\.weight", for which llama has no place/,
      ],
      'with integers for weights': [
        { ...good, 'output_norm.weight': { type: 'I32', shape: [256], bytes: new Uint8Array(1024) } },
        {},
        /the tensor output_norm\.weight is of the type I32/,
      ],
      'with experts': [good, { 'llama.expert_count': { u32: 8 } }, /a mixture of experts/],
      'with half of each head rotated': [
        good,
        { 'llama.rope.dimension_count': { u32: 32 } },
        /rotates only a part of each head/,
      ],
      'with a rotation that is unknown': [
        good,
        { 'llama.rope.scaling.type': { text: 'su' }, 'llama.rope.scaling.factor': { f32: 2 } },
        /its rope scaling "su" is unknown/,
      ],
      'with no layers': [good, { 'llama.block_count': { u32: 0 } }, /llama\.block_count is 0/],
      'with billions of layers': [
        good,
        { 'llama.block_count': { u32: 4e9 } },
        /llama\.block_count is 4000000000/,
      ],
      'with a thousand layers too many': [
        good,
        { 'llama.block_count': { u32: 5000 } },
        /5000 layers are too many/,
      ],
      'with heads that do not divide': [good, { 'llama.attention.head_count': { u32: 3 } }, /cannot be used/],
      'with more tokens than weights': [
        good,
        {
          'tokenizer.ggml.tokens': {
            texts: Array.from({ length: 300 }, (_, i) => String.fromCharCode(0x4e00 + i)),
          },
        },
        /has 300 tokens and weights for 288/,
      ],
      'that is one part of several': [good, { 'split.count': { u32: 3 } }, /is one of 3 parts of a model/],
      'with divisors for another rotation': [
        { ...good, 'rope_freqs.weight': one },
        {},
        /its tensor rope_freqs\.weight has the shape \[4\]/,
      ],
    };
    for (const [what, [tensors, settings, message]] of Object.entries(cases)) {
      it(what, async () => {
        const path = asGguf(tensors, settings);
        await assert.rejects(openModel(path, cpu), (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(path), error.message);
          return true;
        });
      });
    }

    it('that is not there', async () => {
      const path = asGguf(good);
      rmSync(path);
      await assert.rejects(openModel(path, cpu), /model\.gguf cannot be read \(ENOENT\)/);
    });
  });
});

/** The settings of a llama for another architecture. */
function renamed(architecture: string): Record<string, Setting> {
  return {
    [`${architecture}.block_count`]: { u32: sizes.layers },
    [`${architecture}.context_length`]: { u32: 128 },
    [`${architecture}.embedding_length`]: { u32: sizes.hidden },
    [`${architecture}.feed_forward_length`]: { u32: sizes.wide },
    [`${architecture}.attention.head_count`]: { u32: sizes.heads },
    [`${architecture}.attention.head_count_kv`]: { u32: sizes.keyHeads },
    [`${architecture}.attention.layer_norm_rms_epsilon`]: { f32: 1e-5 },
    [`${architecture}.rope.freq_base`]: { f32: 10000 },
  };
}
