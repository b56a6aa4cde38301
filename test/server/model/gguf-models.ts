/** Random models as GGUF files, and the same as folders of float32 weights. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockFormats } from '../../../server/model/files/gguf/blocks';
import { readGgufFloats } from '../../../server/model/files/gguf/rows';
import { type GgmlType, layoutOf } from '../../../server/model/files/gguf/types';
import { writeSafetensors } from '../../../server/model/files/safetensors';
import { type Setting, type TensorToWrite, writeGgufFile } from './files/gguf/writer';
import { temporaryFolder } from './folders';

/** Makes numbers that look random, the same in every run. */
function generator(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Where each quantised type keeps its half-precision scales, in bytes from a block's beginning. */
const halves: Partial<Record<GgmlType, readonly number[]>> = {
  Q4_1: [0, 2],
  Q5_1: [0, 2],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
  TQ1_0: [52],
  TQ2_0: [64],
};

/** Blocks of random bytes with small scales. */
function randomBlocks(type: GgmlType, values: number, random: () => number): Uint8Array {
  const layout = layoutOf(type);
  const out = new Uint8Array((values / layout.values) * layout.bytes);
  for (let at = 0; at < out.length; at += layout.bytes) {
    for (let i = 0; i < layout.bytes; i++) out[at + i] = Math.floor(random() * 256);
    if (type === 'MXFP4') out[at] = 118 + Math.floor(random() * 4);
    else if (type === 'NVFP4') out.fill(16, at, at + 4);
    // The scale's exponent is in the highest bits of the last two scales.
    else if (type === 'IQ1_M') [out[at + 53], out[at + 55]] = [out[at + 53]! & 15, (out[at + 55]! & 15) | 16];
    else
      for (const h of halves[type] ?? [0])
        [out[at + h], out[at + h + 1]] = [
          Math.floor(random() * 256),
          (type === 'Q6_K' ? 4 : 16) + Math.floor(random() * 4),
        ];
  }
  return out;
}

export const sizes = { hidden: 256, wide: 256, heads: 4, keyHeads: 2, head: 64, layers: 2, vocabulary: 288 };

export const settings: Record<string, Setting> = {
  'general.architecture': { text: 'llama' },
  'llama.block_count': { u32: sizes.layers },
  'llama.context_length': { u32: 128 },
  'llama.embedding_length': { u32: sizes.hidden },
  'llama.feed_forward_length': { u32: sizes.wide },
  'llama.attention.head_count': { u32: sizes.heads },
  'llama.attention.head_count_kv': { u32: sizes.keyHeads },
  'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
  'llama.rope.freq_base': { f32: 10000 },
  'tokenizer.ggml.model': { text: 'gpt2' },
  'tokenizer.ggml.pre': { text: 'gpt-2' },
  'tokenizer.ggml.tokens': { texts: byteTokens() },
  'tokenizer.ggml.merges': { texts: ['a b'] },
};

/** The characters that stand for bytes in byte-level vocabularies, and names up to the vocabulary's size. */
function byteTokens(): string[] {
  const printable = (b: number) => (b > 32 && b < 127) || (b > 160 && b < 173) || b > 173;
  let other = 256;
  const bytes = Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : other++));
  return [...bytes, 'ab', ...Array.from({ length: sizes.vocabulary - 257 }, (_, i) => `<${i}>`)];
}

/** Tensors of a random llama whose matrices are all of one type. */
export function llamaTensors(type: GgmlType, seed = 1): Record<string, TensorToWrite> {
  const random = generator(seed);
  const { hidden, wide, heads, keyHeads, head, vocabulary } = sizes;
  const matrix = (rows: number, columns: number): TensorToWrite => ({
    type,
    shape: [rows, columns],
    bytes: blockFormats[type]
      ? randomBlocks(type, rows * columns, random)
      : plain(type, rows * columns, random),
  });
  const norm = (): TensorToWrite => ({
    type: 'F32',
    shape: [hidden],
    bytes: new Uint8Array(Float32Array.from({ length: hidden }, () => 0.8 + 0.4 * random()).buffer),
  });
  const out: Record<string, TensorToWrite> = { 'token_embd.weight': matrix(vocabulary, hidden) };
  for (let i = 0; i < sizes.layers; i++) {
    const b = `blk.${i}`;
    out[`${b}.attn_norm.weight`] = norm();
    out[`${b}.attn_q.weight`] = matrix(heads * head, hidden);
    out[`${b}.attn_k.weight`] = matrix(keyHeads * head, hidden);
    out[`${b}.attn_v.weight`] = matrix(keyHeads * head, hidden);
    out[`${b}.attn_output.weight`] = matrix(hidden, heads * head);
    out[`${b}.ffn_norm.weight`] = norm();
    out[`${b}.ffn_gate.weight`] = matrix(wide, hidden);
    out[`${b}.ffn_up.weight`] = matrix(wide, hidden);
    out[`${b}.ffn_down.weight`] = matrix(hidden, wide);
  }
  out['output_norm.weight'] = norm();
  return out;
}

function plain(type: GgmlType, count: number, random: () => number): Uint8Array {
  const values = Float32Array.from({ length: count }, () => 0.1 * (random() - 0.5));
  if (type === 'F32') return new Uint8Array(values.buffer);
  const out = new Uint16Array(count);
  const bits = new Uint32Array(values.buffer);
  // Half precision of numbers with an exponent that both have; the fraction is cut.
  for (let i = 0; i < count; i++) {
    const b = bits[i]!;
    const exponent = ((b >>> 23) & 255) - 112;
    if (type === 'BF16') out[i] = b >>> 16;
    else out[i] = exponent > 0 ? ((b >>> 16) & 0x8000) | (exponent << 10) | ((b >>> 13) & 1023) : 0;
  }
  return new Uint8Array(out.buffer);
}

/** The same model as a folder of float32 weights. */
export async function asFolder(
  tensors: Record<string, TensorToWrite>,
  more: Record<string, unknown> = {},
): Promise<string> {
  const folder = temporaryFolder();
  const parts: Record<string, string> = {
    attn_norm: 'input_layernorm',
    attn_q: 'self_attn.q_proj',
    attn_k: 'self_attn.k_proj',
    attn_v: 'self_attn.v_proj',
    attn_output: 'self_attn.o_proj',
    ffn_norm: 'post_attention_layernorm',
    ffn_gate: 'mlp.gate_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
  };
  const raw = join(folder, 'raw');
  const written = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, t] of Object.entries(tensors)) {
    writeFileSync(raw, t.bytes);
    const count = t.shape.reduce((n, d) => n * d, 1);
    const stored = { file: raw, type: t.type, shape: t.shape, offset: 0, length: t.bytes.length };
    let data = readGgufFloats(stored, 0, count);
    const [, layer, part] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? [];
    // Rows of queries and keys lie in pairs in the file: put apart here by the definition, not by the reader's code.
    if (part === 'attn_q' || part === 'attn_k') data = unpaired(data, t.shape[1]!);
    const target = part
      ? `model.layers.${layer}.${parts[part]}.weight`
      : name === 'token_embd.weight'
        ? 'model.embed_tokens.weight'
        : 'model.norm.weight';
    written.set(target, { shape: t.shape, data });
  }
  await writeSafetensors(join(folder, 'model.safetensors'), written);
  const config = {
    model_type: 'llama',
    vocab_size: sizes.vocabulary,
    hidden_size: sizes.hidden,
    intermediate_size: sizes.wide,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyHeads,
    max_position_embeddings: 128,
    rms_norm_eps: Math.fround(1e-5),
    tie_word_embeddings: true,
    ...more,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const vocab = Object.fromEntries(byteTokens().map((token, id) => [token, id]));
  const tokenizer = {
    model: { type: 'BPE', vocab, merges: ['a b'] },
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
  };
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer));
  return folder;
}

function unpaired(data: Float32Array, width: number): Float32Array {
  const out = new Float32Array(data.length);
  const rows = data.length / width;
  for (let row = 0; row < rows; row++) {
    const h = Math.floor(row / sizes.head) * sizes.head;
    const [pair, side] = [Math.floor((row - h) / 2), (row - h) % 2];
    out.set(data.subarray(row * width, (row + 1) * width), (h + side * (sizes.head / 2) + pair) * width);
  }
  return out;
}

/** Writes the tensors as a GGUF file of its own folder. */
export function asGguf(tensors: Record<string, TensorToWrite>, more: Record<string, Setting> = {}): string {
  return writeGgufFile(join(temporaryFolder(), 'model.gguf'), { ...settings, ...more }, tensors);
}
