/** An adapter as a GGUF file, for llama.cpp and what is built on it (Ollama, LM Studio). */
import { open } from 'node:fs/promises';
import { adapterModules } from '../model/adapter';
import { linearModules } from '../model/architectures/linear-modules';
import type { FolderModel } from '../model/open';
import type { Adapter } from '../model/types';

const ALIGNMENT = 32;
const F32 = 0;
/** Types of values in a GGUF header. */
const UINT32 = 4;
const FLOAT32 = 6;
const STRING = 8;
const ARRAY = 9;

const PARTS: Record<string, string> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  // Starcoder2's.
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
};

/** @throws Error for a module that has no place in a GGUF file */
export function ggufModule(name: string): string {
  if (name === 'lm_head') return 'output.weight';
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  const known = part === undefined ? undefined : PARTS[part];
  if (known === undefined)
    throw new Error(`The adapter changes ${name}, which has no place in a GGUF file: export it for PEFT.`);
  return `blk.${layer}.${known}.weight`;
}

/** @returns what is not the same in llama.cpp, each one sentence */
export async function writeGgufLora(file: string, adapter: Adapter, model: FolderModel): Promise<string[]> {
  const { config } = model.parts;
  const { format } = model;
  const factors = adapterModules(adapter, linearModules(config));
  const tensors: { name: string; dims: [number, number]; data: Float32Array }[] = [];
  for (const [name, { a, b, rank, scale }] of factors) {
    const module = ggufModule(name);
    const [inputs, outputs] = [a.length / rank, b.length / rank];
    // llama.cpp multiplies each product by alpha over its own rank.
    const share = (scale * rank) / adapter.alpha;
    const scaled = share === 1 ? b : b.map((value) => share * value);
    tensors.push({ name: `${module}.lora_a`, dims: [inputs, rank], data: a });
    tensors.push({
      name: `${module}.lora_b`,
      dims: [rank, outputs],
      data: rowsOf(name, scaled, rank, model),
    });
  }
  const isActivated = adapter.positions === 'response' && format.order === 'psm';
  const values: [string, (w: Writer) => Writer][] = [
    ['general.architecture', (w) => w.u32(STRING).text(config.architecture.name)],
    ['general.type', (w) => w.u32(STRING).text('adapter')],
    ['general.name', (w) => w.u32(STRING).text('hindsight')],
    ['adapter.type', (w) => w.u32(STRING).text('lora')],
    ['adapter.lora.alpha', (w) => w.u32(FLOAT32).f32(adapter.alpha)],
  ];
  if (isActivated)
    values.push([
      'adapter.alora.invocation_tokens',
      (w) => w.u32(ARRAY).u32(UINT32).u64(1).u32(format.middleId!),
    ]);
  const head = new Writer().raw('GGUF').u32(3).u64(tensors.length).u64(values.length);
  for (const [key, write] of values) write(head.text(key));
  let offset = 0;
  for (const { name, dims, data } of tensors) {
    head.text(name).u32(2).u64(dims[0]).u64(dims[1]).u32(F32).u64(offset);
    offset = aligned(offset + data.byteLength);
  }
  const out = await open(file, 'wx');
  try {
    await out.writeFile(padded(head.bytes()));
    for (const { data } of tensors)
      await out.writeFile(padded(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  } finally {
    await out.close();
  }
  return adapter.positions === 'response' && !isActivated
    ? [
        'The adapter was trained to act on what is written only; llama.cpp lets it act on the prompt too, so its logits differ a little from those here.',
      ]
    : [];
}

/** GGUF's llama has the rows of queries and keys in the order of its own rotation: halves of each head interleaved. */
function rowsOf(name: string, b: Float32Array, rank: number, { parts }: FolderModel): Float32Array {
  const { config } = parts;
  const isRotated = /self_attn\.[qk]_proj$/.test(name) && config.architecture.name === 'llama';
  if (!isRotated) return b;
  const heads = name.endsWith('q_proj') ? config.heads : config.keyValueHeads;
  const size = b.length / rank / heads;
  const out = new Float32Array(b.length);
  for (let head = 0; head < heads; head++)
    for (let half = 0; half < 2; half++)
      for (let i = 0; i < size / 2; i++) {
        const from = (head * size + half * (size / 2) + i) * rank;
        const to = (head * size + 2 * i + half) * rank;
        out.set(b.subarray(from, from + rank), to);
      }
  return out;
}

const aligned = (n: number) => Math.ceil(n / ALIGNMENT) * ALIGNMENT;

function padded(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(aligned(bytes.length));
  out.set(bytes);
  return out;
}

/** Little-endian numbers and length-prefixed text, collected. */
class Writer {
  private readonly parts: Buffer[] = [];

  raw(value: string): this {
    this.parts.push(Buffer.from(value));
    return this;
  }

  text(value: string): this {
    return this.u64(Buffer.byteLength(value)).raw(value);
  }

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.parts.push(bytes);
    return this;
  }

  f32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatLE(value);
    this.parts.push(bytes);
    return this;
  }

  u64(value: number): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.parts.push(bytes);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}
