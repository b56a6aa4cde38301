import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats, readHeader, writeSafetensors } from '../../../server/model/files/safetensors';
import { ModelError, modelName, openModel } from '../../../server/model/open';
import { copyOf, removeFolders, temporaryFolder } from './folders';
import { compare, expectedTensors, golden } from './golden';

async function longLogits(folder: string): Promise<Float32Array> {
  const model = await openModel(folder);
  const scorer = await model.scorer();
  const ids = expectedTensors('qwen2').ids('long_ids');
  const logits = await scorer.logits(ids.slice(0, 1), [...ids.slice(1), 0], null);
  await model.close();
  return logits;
}

/** Splits the weights into two shards with an index, as large models are published. */
async function shard(folder: string): Promise<void> {
  const path = join(folder, 'model.safetensors');
  const tensors = [...readHeader(path).tensors];
  const map: Record<string, string> = {};
  for (const [i, part] of [tensors.slice(0, 10), tensors.slice(10)].entries()) {
    const name = `model-0000${i + 1}-of-00002.safetensors`;
    const copies = part.map(([key, t]) => [key, { shape: t.shape, data: readFloats(t) }] as const);
    await writeSafetensors(join(folder, name), new Map(copies));
    for (const [key] of part) map[key] = name;
  }
  rmSync(path);
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
}

describe('opening a model folder', () => {
  after(removeFolders);
  const want = expectedTensors('qwen2').floats('long_logits');

  it('reads shards by their index', async () => {
    const folder = copyOf('qwen2');
    await shard(folder);
    assert.ok(compare(await longLogits(folder), want).error < 2e-4);
  });

  it('follows links, as download caches have them', async () => {
    const folder = copyOf('qwen2');
    const blobs = temporaryFolder();
    renameSync(join(folder, 'model.safetensors'), join(blobs, 'b1gb10b'));
    symlinkSync(join(blobs, 'b1gb10b'), join(folder, 'model.safetensors'));
    assert.ok(compare(await longLogits(folder), want).error < 2e-4);
  });

  it('names the model by its folder, in a download cache too', () => {
    assert.equal(modelName('/models/SmolLM2-135M'), 'SmolLM2-135M');
    assert.equal(modelName('/hub/models--Qwen--Qwen2.5-Coder-0.5B/snapshots/8123ea'), 'Qwen2.5-Coder-0.5B');
    assert.equal(modelName('C:\\hub\\models--gpt\\snapshots\\8123ea'), 'gpt');
  });

  it('gives a hash that depends on configuration and weights', async () => {
    const hash = async (folder: string) => (await openModel(folder)).hash;
    const first = await hash(golden('qwen2'));
    assert.match(first, /^[0-9a-f]{16}$/);
    assert.equal(await hash(golden('qwen2')), first);
    assert.notEqual(await hash(copyOf('qwen2', { rope_theta: 5 })), first);
  });

  const damaged: Record<string, [(folder: string) => void | Promise<void>, RegExp]> = {
    'has no configuration': [(f) => rmSync(join(f, 'config.json')), /config\.json cannot be read/],
    'has a broken configuration': [
      (f) => writeFileSync(join(f, 'config.json'), '{'),
      /config\.json is not JSON/,
    ],
    'has no weights': [(f) => rmSync(join(f, 'model.safetensors')), /holds no model\.safetensors/],
    'has truncated weights': [(f) => truncateSync(join(f, 'model.safetensors'), 300_000), /truncated/],
    'lacks a shard': [
      async (f) => {
        await shard(f);
        rmSync(join(f, 'model-00002-of-00002.safetensors'));
      },
      /00002-of-00002\.safetensors is missing/,
    ],
    'names a shard elsewhere': [
      async (f) => {
        await shard(f);
        writeFileSync(join(f, 'model.safetensors.index.json'), '{"weight_map":{"a":"../../etc/passwd"}}');
      },
      /index\.json cannot be used: it names the file/,
    ],
    'has no tokenizer': [(f) => rmSync(join(f, 'tokenizer.json')), /tokenizer\.json is missing/],
    'has a broken tokenizer': [
      (f) => writeFileSync(join(f, 'tokenizer.json'), '{"model":'),
      /tokenizer\.json is not readable/,
    ],
    'has a tokenizer without a model': [
      (f) => writeFileSync(join(f, 'tokenizer.json'), '{}'),
      /tokenizer\.json cannot be used/,
    ],
    'has a tokenizer that is null': [
      (f) => writeFileSync(join(f, 'tokenizer.json'), 'null'),
      /tokenizer\.json cannot be used/,
    ],
    'has a broken hindsight.json': [
      (f) => writeFileSync(join(f, 'hindsight.json'), '{'),
      /hindsight\.json is not readable/,
    ],
    'names a token that is not there': [
      (f) => writeFileSync(join(f, 'hindsight.json'), '{"format":1,"feedbackSlot":{"open":"<|x|>"}}'),
      /"<\|x\|>", which the tokenizer lacks/,
    ],
  };
  for (const [what, [damage, message]] of Object.entries(damaged)) {
    it(`says in one sentence that it ${what}`, async () => {
      const folder = copyOf('qwen2');
      await damage(folder);
      await assert.rejects(openModel(folder), (e) => {
        assert.ok(e instanceof ModelError, String(e));
        assert.match(e.message, message);
        assert.ok(!e.message.includes('\n'));
        return true;
      });
    });
  }

  const mismatched: Record<string, [Record<string, unknown>, RegExp]> = {
    'more layers than weights': [{ num_hidden_layers: 4 }, /lacks the tensor model\.layers\.3/],
    'another width': [
      { intermediate_size: 100 },
      /has the shape \[152,56\] where config\.json says \[100,56\]/,
    ],
    'a head of its own that is missing': [{ tie_word_embeddings: false }, /lacks the tensor lm_head\.weight/],
    'a smaller vocabulary': [{ vocab_size: 400 }, /shape \[413,56\]/],
  };
  for (const [what, [change, message]] of Object.entries(mismatched)) {
    it(`says so where the configuration has ${what}`, async () => {
      await assert.rejects(
        openModel(copyOf('qwen2', change)),
        (e) => e instanceof ModelError && message.test(e.message),
      );
    });
  }

  it('refuses a model that does not fit into memory before anything is loaded', async () => {
    const size = 2 ** 20;
    const json = { model_type: 'llama', hidden_size: size, intermediate_size: 8, vocab_size: size };
    const folder = temporaryFolder();
    const heads = { num_hidden_layers: 1, num_attention_heads: 8, num_key_value_heads: 8, head_dim: 2 };
    writeFileSync(
      join(folder, 'config.json'),
      JSON.stringify({ ...json, ...heads, tie_word_embeddings: true }),
    );
    const shapes: Record<string, number[]> = { embed_tokens: [size, size], norm: [size] };
    for (const p of ['q', 'k', 'v']) shapes[`layers.0.self_attn.${p}_proj`] = [16, size];
    Object.assign(shapes, { 'layers.0.self_attn.o_proj': [size, 16], 'layers.0.mlp.down_proj': [size, 8] });
    for (const p of ['gate', 'up']) shapes[`layers.0.mlp.${p}_proj`] = [8, size];
    for (const p of ['input', 'post_attention']) shapes[`layers.0.${p}_layernorm`] = [size];
    const header: Record<string, unknown> = {};
    let offset = 0;
    for (const [name, shape] of Object.entries(shapes)) {
      const end = offset + 2 * shape.reduce((a, b) => a * b, 1);
      header[`model.${name}.weight`] = { dtype: 'BF16', shape, data_offsets: [offset, end] };
      offset = end;
    }
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    const path = join(folder, 'model.safetensors');
    writeFileSync(path, Buffer.concat([length, text]));
    // Sparse: two terabytes that take no room.
    truncateSync(path, 8 + text.length + offset);
    await assert.rejects(openModel(folder), /needs 43\d\d\.\d GB of memory for its weights/);
  });

  it('knows the prompt format of each family', async () => {
    const withTokens = (tokens: string[]) => {
      const folder = copyOf('qwen2');
      const path = join(folder, 'tokenizer.json');
      const json = JSON.parse(readFileSync(path, 'utf8'));
      json.added_tokens.forEach((t: { content: string }, i: number) => {
        t.content = tokens[i] ?? `<unused${i}>`;
      });
      writeFileSync(path, JSON.stringify(json));
      return folder;
    };
    const format = async (tokens: string[]) => (await openModel(withTokens(tokens))).format;
    const starcoder = await format([
      '<|endoftext|>',
      '<fim_prefix>',
      '<fim_suffix>',
      '<fim_middle>',
      '<file_sep>',
    ]);
    assert.deepEqual(
      [starcoder.order, starcoder.prefixId, starcoder.suffixId, starcoder.middleId],
      ['psm', 407, 408, 409],
    );
    assert.equal(starcoder.stopIds[0], 406);
    const deepseek = await format([
      '<｜end▁of▁sentence｜>',
      '<｜fim▁begin｜>',
      '<｜fim▁hole｜>',
      '<｜fim▁end｜>',
    ]);
    assert.deepEqual([deepseek.prefixId, deepseek.suffixId, deepseek.middleId], [407, 408, 409]);
    const codellama = await format(['</s>', '▁<PRE>', '▁<SUF>', '▁<MID>', '▁<EOT>']);
    assert.deepEqual(
      [codellama.prefixId, codellama.suffixId, codellama.middleId, codellama.stopIds[0]],
      [407, 408, 409, 410],
    );
    const codestral = await format(['</s>', '[PREFIX]', '[SUFFIX]', '[MIDDLE]']);
    assert.deepEqual([codestral.order, codestral.suffixId, codestral.middleId], ['spm-continue', 408, 407]);
    const none = await format(['<|endoftext|>']);
    assert.equal(none.order, 'none');
    assert.ok(none.stopIds.includes(406));
  });

  it('reads the embedded model’s own format', async () => {
    const folder = copyOf('qwen2');
    const own = { format: 1, fim: { order: 'spm' }, feedbackSlot: { open: '<|repo_name|>' } };
    writeFileSync(join(folder, 'hindsight.json'), JSON.stringify(own));
    const { format } = await openModel(folder);
    assert.deepEqual([format.order, format.feedbackId], ['spm-continue', 411]);
  });
});
