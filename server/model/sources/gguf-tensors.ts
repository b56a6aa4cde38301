/** The tensors of a GGUF file under the names that their architecture has elsewhere. */
import type { ModelConfig } from '../architectures/config';
import { blockModules, headModule, storedName } from '../architectures/linear-modules';
import { ModelError } from '../errors';
import { blockFormats } from '../files/gguf/blocks';
import type { GgufFile } from '../files/gguf/header';
import type { StoredTensor } from '../files/safetensors';

interface Wanted {
  /** As in safetensors. */
  name: string;
  /** As in the file. */
  stored: string;
  shape: readonly number[];
  pairedHeads?: number;
}

const plainTypes = ['F32', 'F16', 'BF16'];

/**
 * @param path of the file itself, where `file` was found through a link
 * @returns every tensor that the model needs, checked
 * @throws ModelError naming the file and a tensor that is missing, has another shape, cannot be read or is not known
 */
export function ggufTensors(file: GgufFile, path: string, config: ModelConfig): Map<string, StoredTensor> {
  const bad = (what: string) =>
    new ModelError(`${file.path} cannot be used: ${what}. Download it again, or choose another file.`);
  const out = new Map<string, StoredTensor>();
  const known = new Set(['rope_freqs.weight']);
  for (const { name, stored, shape, pairedHeads } of wantedTensors(config)) {
    const t = file.tensors.get(stored);
    if (!t) throw bad(`it lacks the tensor ${stored}`);
    if (t.shape.length !== shape.length || t.shape.some((d, i) => d !== shape[i]))
      throw bad(
        `the tensor ${stored} has the shape [${t.shape}] where the sizes of the model say [${shape}]`,
      );
    if (!plainTypes.includes(t.type) && (shape.length !== 2 || !blockFormats[t.type]))
      throw bad(`the tensor ${stored} is of the type ${t.type}, which is not for it`);
    out.set(name, { ...t, file: path, ...(pairedHeads ? { pairedHeads } : {}) });
    known.add(stored);
  }
  const unknown = [...file.tensors.keys()].find((n) => !known.has(n) && !/\.attn_rot_embd\.weight$/.test(n));
  if (unknown !== undefined)
    throw bad(
      `it has the tensor ${JSON.stringify(unknown.slice(0, 60))}, for which ${config.architecture.name} has no place`,
    );
  return out;
}

/** Every tensor of the model, in the order in which it is read. */
function wantedTensors(c: ModelConfig): Wanted[] {
  const { names, norm, queryKeyNorm, gguf } = c.architecture;
  const out: Wanted[] = [];
  const normOf = (name: string, stored: string) => {
    out.push({ name: `${name}.weight`, stored: `${stored}.weight`, shape: [c.hiddenSize] });
    if (norm.kind === 'layer')
      out.push({ name: `${name}.bias`, stored: `${stored}.bias`, shape: [c.hiddenSize] });
  };
  const embedding: Wanted = {
    name: `${names.embedding}.weight`,
    stored: 'token_embd.weight',
    shape: [c.vocabularySize, c.hiddenSize],
  };
  out.push(embedding);
  for (let i = 0; i < c.layers; i++) {
    const blk = `blk.${i}`;
    normOf(`${names.layer(i)}.${names.attentionNorm}`, `${blk}.attn_norm`);
    for (const [part, m] of Object.entries(blockModules(c, i))) {
      const stored = `${blk}.${partNames[part]}`;
      const heads = part === 'query' ? c.heads : part === 'key' ? c.keyValueHeads : 0;
      const paired = gguf?.pairedRows && heads > 0 ? { pairedHeads: heads } : {};
      out.push({
        name: `${m.name}.weight`,
        stored: `${stored}.weight`,
        shape: [m.outputs, m.inputs],
        ...paired,
      });
      if (m.bias)
        out.push({ name: `${m.name}.bias`, stored: `${stored}.bias`, shape: [m.outputs], ...paired });
    }
    if (queryKeyNorm) {
      const own = (name: string, stored: string) =>
        out.push({
          name: `${names.layer(i)}.${name}.weight`,
          stored: `${blk}.${stored}.weight`,
          shape: [c.headDim],
        });
      own(queryKeyNorm.query, 'attn_q_norm');
      own(queryKeyNorm.key, 'attn_k_norm');
    }
    normOf(`${names.layer(i)}.${names.mlpNorm}`, `${blk}.ffn_norm`);
  }
  normOf(names.finalNorm, 'output_norm');
  const head = headModule(c);
  if (storedName(c, head.name) === head.name)
    out.push({ name: `${head.name}.weight`, stored: 'output.weight', shape: [head.outputs, head.inputs] });
  return out;
}

const partNames: Record<string, string> = {
  query: 'attn_q',
  key: 'attn_k',
  value: 'attn_v',
  attentionOutput: 'attn_output',
  gate: 'ffn_gate',
  up: 'ffn_up',
  down: 'ffn_down',
};
