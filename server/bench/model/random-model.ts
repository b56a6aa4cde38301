/** Folders with random weights in a published model's dimensions: speed and memory can be measured without a download. */
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../base/random';
import { type ModelConfig, parseConfig } from '../../model/architectures/config';
import { type LinearModule, linearModules } from '../../model/architectures/linear-modules';
import { ModelError } from '../../model/errors';
import { headerBytes, type TensorLayout } from '../../model/files/safetensors';

const qwen2 = { model_type: 'qwen2', rms_norm_eps: 1e-6, rope_theta: 1e6, max_position_embeddings: 32768 };

/** config.json by name. */
export const dimensions: Record<string, Record<string, unknown>> = {
  embedded: {
    ...qwen2,
    vocab_size: 4096,
    hidden_size: 192,
    intermediate_size: 512,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    max_position_embeddings: 1024,
    tie_word_embeddings: true,
  },
  'qwen2.5-coder-0.5b': {
    ...qwen2,
    vocab_size: 151936,
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    tie_word_embeddings: true,
  },
  'qwen2.5-coder-1.5b': {
    ...qwen2,
    vocab_size: 151936,
    hidden_size: 1536,
    intermediate_size: 8960,
    num_hidden_layers: 28,
    num_attention_heads: 12,
    num_key_value_heads: 2,
    tie_word_embeddings: true,
  },
};

/**
 * Writes config.json, model.safetensors (float32) and a tokenizer of single characters.
 *
 * @throws ModelError when no such dimensions are known
 */
export async function writeRandomModel(folder: string, name: string, seed = 1): Promise<void> {
  const json = dimensions[name];
  if (!json)
    throw new ModelError(
      `No dimensions are known by the name ${name}: choose ${Object.keys(dimensions).join(', ')}.`,
    );
  const shapes = shapesOf(parseConfig(json, 'config.json'));
  await writeFile(join(folder, 'config.json'), JSON.stringify(json));
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(characterTokenizer()));
  await writeWeights(join(folder, 'model.safetensors'), shapes, seed);
}

/** The shape of each tensor by its name in safetensors. */
export function shapesOf(config: ModelConfig): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const { names } = config.architecture;
  shapes.set(`${names.embedding}.weight`, [config.vocabularySize, config.hiddenSize]);
  const put = (m: LinearModule) => {
    shapes.set(`${m.name}.weight`, [m.outputs, m.inputs]);
    if (m.bias) shapes.set(`${m.name}.bias`, [m.outputs]);
  };
  const modules = linearModules(config);
  for (const m of config.tied ? modules.slice(0, -1) : modules) put(m);
  for (let i = 0; i < config.layers; i++) {
    for (const norm of [names.attentionNorm, names.mlpNorm]) {
      shapes.set(`${names.layer(i)}.${norm}.weight`, [config.hiddenSize]);
    }
  }
  shapes.set(`${names.finalNorm}.weight`, [config.hiddenSize]);
  return shapes;
}

/** Tensor by tensor, so that a large model needs little memory. */
async function writeWeights(
  path: string,
  shapes: ReadonlyMap<string, number[]>,
  seed: number,
): Promise<void> {
  const layouts = [...shapes].map(([name, shape]): TensorLayout => {
    return { name, type: 'F32', shape, length: 4 * shape.reduce((n, d) => n * d, 1) };
  });
  const file = await open(path, 'w');
  try {
    await file.writeFile(headerBytes(layouts));
    for (const [name, shape] of shapes) {
      const data = randomTensor(name, shape, seed++);
      await file.writeFile(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    }
  } finally {
    await file.close();
  }
}

function randomTensor(name: string, shape: readonly number[], seed: number): Float32Array {
  const data = new Float32Array(shape.reduce((n, d) => n * d, 1));
  if (name.includes('norm')) return data.fill(1);
  const random = seededRandom(seed);
  const bound = Math.sqrt(3 / (shape[1] ?? 1)) * 0.5;
  // A run of random numbers, repeated: what is measured does not depend on them, and a billion take a minute.
  const period = Math.min(data.length, 65521);
  for (let i = 0; i < period; i++) data[i] = (2 * random() - 1) * bound;
  for (let i = period; i < data.length; i *= 2) data.copyWithin(i, 0, Math.min(i, data.length - i));
  return data;
}

function characterTokenizer(): object {
  const vocab: Record<string, number> = {};
  for (let i = 0; i < 94; i++) vocab[String.fromCharCode(33 + i)] = i;
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab, merges: [] },
  };
}
