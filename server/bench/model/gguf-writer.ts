/**
 * A model folder's weights as a GGUF file of the same dimensions and precision, for the comparison with llama.cpp in
 * `hindsight bench`. Only the qwen2 layout, and a vocabulary of placeholders: the file is for measuring, not for text.
 */
import { open } from 'node:fs/promises';
import type { ModelConfig } from '../../model/architectures/config';
import { ModelError } from '../../model/errors';
import { halfBits } from '../../model/files/float16';
import type { StoredTensor } from '../../model/files/safetensors';
import type { Weights } from '../../model/files/weights';
import { readPart } from '../../model/quantize/to-float32';
import { byteCharacters } from '../../model/tokenizer/spelling';

export type GgufPrecision = 'float32' | 'int8' | 'int4';

/** GGML's types: F32, Q8_0, Q4_0. */
const types: Record<GgufPrecision, number> = { float32: 0, int8: 8, int4: 2 };
const block = 32;
/** Bytes of a block of 32 values: Q8_0 has a half-precision scale and 32 bytes, Q4_0 the scale and 16 bytes. */
const blockBytes: Record<GgufPrecision, number> = { float32: 128, int8: 34, int4: 18 };
const alignment = 32;

const blockNames: Record<string, string> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
};

/** A tensor's name in GGUF. @throws ModelError for one that the qwen2 layout does not have */
export function ggufName(name: string): string {
  if (name === 'model.embed_tokens.weight') return 'token_embd.weight';
  if (name === 'model.norm.weight') return 'output_norm.weight';
  if (name === 'lm_head.weight') return 'output.weight';
  const [, layer, part, kind] = /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (!part || !blockNames[part])
    throw new ModelError(`The tensor ${name} has no place in a GGUF file of the qwen2 layout.`);
  return `blk.${layer}.${blockNames[part]}.${kind}`;
}

/** Bytes of `values` in this precision; the number of values is a multiple of 32. */
export function ggufBlocks(values: Float32Array, precision: GgufPrecision): Uint8Array {
  if (precision === 'float32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const size = blockBytes[precision];
  const out = new Uint8Array((values.length / block) * size);
  for (let from = 0, to = 0; from < values.length; from += block, to += size) {
    // The value of the largest size, with its sign.
    let extreme = 0;
    for (let i = from; i < from + block; i++) {
      if (Math.abs(values[i]!) > Math.abs(extreme)) extreme = values[i]!;
    }
    const scale = precision === 'int8' ? Math.abs(extreme) / 127 : extreme / -8;
    const bits = halfBits(scale);
    out[to] = bits & 255;
    out[to + 1] = bits >> 8;
    const inverse = scale ? 1 / scale : 0;
    if (precision === 'int8') {
      for (let i = 0; i < block; i++) out[to + 2 + i] = Math.round(values[from + i]! * inverse);
    } else {
      const number = (i: number) => Math.min(15, Math.floor(values[from + i]! * inverse + 8.5));
      for (let i = 0; i < 16; i++) out[to + 2 + i] = number(i) | (number(i + 16) << 4);
    }
  }
  return out;
}

/** Writes the file. @throws ModelError for a layout other than qwen2 */
export async function writeGguf(
  path: string,
  config: ModelConfig,
  weights: Weights,
  precision: GgufPrecision,
): Promise<void> {
  if (config.architecture.name !== 'qwen2')
    throw new ModelError(
      `A GGUF file can be written for the qwen2 layout only, not for ${config.architecture.name}.`,
    );
  const tensors = [...weights.entries()].map(([name, t]) => {
    const kind: GgufPrecision = t.shape.length === 2 && t.shape[1]! % block === 0 ? precision : 'float32';
    const count = t.shape.reduce((n, d) => n * d, 1);
    const bytes = kind === 'float32' ? 4 * count : (count / block) * blockBytes[kind];
    return { name: ggufName(name), t, kind, count, bytes };
  });
  const file = await open(path, 'w');
  try {
    const table = tensors.map(({ name, t, kind, bytes }) => ({
      name,
      shape: t.shape,
      type: types[kind],
      bytes,
    }));
    await file.writeFile(ggufHead(config, table));
    for (const { t, kind, count } of tensors) await writeTensor(t, kind, count);
  } finally {
    await file.close();
  }

  async function writeTensor(t: StoredTensor, kind: GgufPrecision, count: number): Promise<void> {
    const step = 1 << 22;
    for (let i = 0; i < count; i += step) {
      const bytes = ggufBlocks(readPart(t, i, Math.min(step, count - i)), kind);
      await file.writeFile(i + step < count ? bytes : padded(bytes));
    }
  }
}

/** All that stands before the tensors' bytes, which follow in this order, each padded. */
export function ggufHead(
  config: ModelConfig,
  tensors: readonly { name: string; shape: readonly number[]; type: number; bytes: number }[],
): Uint8Array {
  const head = new Writer();
  head.text('GGUF', false).u32(3).u64(tensors.length);
  const settings = describe(config);
  head.u64(settings.length);
  for (const write of settings) write(head);
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    head.text(name).u32(shape.length);
    // The fastest dimension first.
    for (const d of [...shape].reverse()) head.u64(d);
    head.u32(type).u64(offset);
    offset = aligned(offset + bytes);
  }
  return padded(head.bytes());
}

/** Where the next tensor may begin. */
export const aligned = (n: number) => Math.ceil(n / alignment) * alignment;

/** With zeros up to where the next tensor may begin. */
export function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(aligned(bytes.length));
  out.set(bytes);
  return out;
}

/** The key-value pairs that llama.cpp wants of a qwen2 model. */
function describe(c: ModelConfig): ((w: Writer) => void)[] {
  const u32 = (key: string, value: number) => (w: Writer) => w.text(key).u32(4).u32(value);
  const f32 = (key: string, value: number) => (w: Writer) => w.text(key).u32(6).f32(value);
  const text = (key: string, value: string) => (w: Writer) => w.text(key).u32(8).text(value);
  const last = c.vocabularySize - 1;
  return [
    text('general.architecture', 'qwen2'),
    u32('qwen2.block_count', c.layers),
    u32('qwen2.context_length', c.contextLength),
    u32('qwen2.embedding_length', c.hiddenSize),
    u32('qwen2.feed_forward_length', c.intermediateSize),
    u32('qwen2.attention.head_count', c.heads),
    u32('qwen2.attention.head_count_kv', c.keyValueHeads),
    f32('qwen2.rope.freq_base', c.rope.theta),
    f32('qwen2.attention.layer_norm_rms_epsilon', c.normEpsilon),
    text('tokenizer.ggml.model', 'gpt2'),
    text('tokenizer.ggml.pre', 'qwen2'),
    (w) => {
      w.text('tokenizer.ggml.tokens').u32(9).u32(8).u64(c.vocabularySize);
      const bytes = byteCharacters();
      for (let i = 0; i <= last; i++) w.text(bytes[i] ?? `t${i}`);
    },
    (w) => {
      w.text('tokenizer.ggml.token_type').u32(9).u32(5).u64(c.vocabularySize);
      for (let i = 0; i <= last; i++) w.u32(i === last ? 3 : 1);
    },
    (w) => w.text('tokenizer.ggml.merges').u32(9).u32(8).u64(1).text('a b'),
    u32('tokenizer.ggml.bos_token_id', last),
    u32('tokenizer.ggml.eos_token_id', last),
  ];
}

/** Little-endian numbers and length-prefixed text, collected. */
class Writer {
  private readonly parts: Buffer[] = [];

  private number(size: number, write: (b: Buffer) => void): this {
    const b = Buffer.alloc(size);
    write(b);
    this.parts.push(b);
    return this;
  }

  u32 = (value: number) => this.number(4, (b) => b.writeUInt32LE(value));
  f32 = (value: number) => this.number(4, (b) => b.writeFloatLE(value));
  u64 = (value: number) => this.number(8, (b) => b.writeBigUInt64LE(BigInt(value)));

  text(value: string, prefixed = true): this {
    const b = Buffer.from(value);
    if (prefixed) this.u64(b.length);
    this.parts.push(b);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}
