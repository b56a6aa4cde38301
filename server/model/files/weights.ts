/** The weight files of a model folder as one table of tensors, and as constants of a graph that stay in those files. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DataType, Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import { ModelError } from '../errors';
import { blockFormats } from './gguf/blocks';
import { inGgufForm } from './gguf/rows';
import type { GgmlType } from './gguf/types';
import { readJson } from './json-file';
import { readHeader, type StoredTensor, type WeightFile } from './safetensors';

const graphTypes: Partial<Record<string, DataType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** A linear layer's quantized weight: see quantize.ts. */
export interface QuantizedWeight {
  bits: 4 | 8;
  /** uint8 [outputs, blocks, bytes]. */
  packed: Value;
  /** float32 [outputs, blocks]. */
  scale: Value;
  /** Values that share a scale. */
  group: number;
  /** float32 [outputs, blocks], added to each value of a block; absent where no block has any. */
  minimum?: Value;
  /** The numbers row by row, [outputs, group·blocks] uint8 or uint4, in the same place of the file. */
  rows: () => Value;
  /** The same as bytes, [outputs, bytes of a row]: what `GatherBlockQuantized` takes. */
  table: () => Value;
  /** What stands for zero, of the scale's shape and the type of `rows`. */
  zero: () => Value;
}

/** The `kind` of weights that `packBlocks` makes. */
export const packedKind = 'GGUF blocks';

/** Name of the tensor that holds the number for zero as often as the largest weight has blocks. */
export const zeroName = (bits: 4 | 8): string => `zero.int${bits}`;

export class Weights {
  /** Folder that external data locations are relative to. */
  readonly folder: string;

  private constructor(
    readonly files: readonly WeightFile[],
    private readonly tensors: ReadonlyMap<string, StoredTensor>,
    /** The model's folder or file, for messages. */
    readonly directory: string,
    private readonly kind?: string,
  ) {
    this.folder = dirname(files[0]!.path);
  }

  /**
   * Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names. Reads headers only.
   *
   * @throws ModelError when a file is missing, broken or lies elsewhere than the others
   */
  static open(directory: string): Weights {
    const single = join(directory, 'model.safetensors');
    const index = join(directory, 'model.safetensors.index.json');
    const names = existsSync(single) ? ['model.safetensors'] : existsSync(index) ? shardNames(index) : [];
    if (names.length === 0) {
      const pickled =
        existsSync(directory) && readdirSync(directory).find((name) => /^pytorch_model.*\.bin$/.test(name));
      throw new ModelError(
        pickled
          ? `${directory} holds no model.safetensors, and ${pickled} is not read: choose a version of the model in safetensors.`
          : `${directory} holds no model.safetensors: choose a folder with a model in Hugging Face layout.`,
      );
    }
    return Weights.ofFiles(
      names.map((name) => join(directory, name)),
      directory,
    );
  }

  /** Opens these files as the weights of the model in `directory`. @throws ModelError as `open` does */
  static ofFiles(paths: readonly string[], directory: string, kind?: string): Weights {
    const files = paths.map((path) => {
      if (!existsSync(path))
        throw new ModelError(`${path} is missing: download the model's remaining files.`);
      // Download caches link to files elsewhere, and the runtime refuses data outside the folder it is given.
      return readHeader(realpathSync(path));
    });
    const folder = dirname(files[0]!.path);
    const stray = files.find((f) => dirname(f.path) !== folder);
    if (stray)
      throw new ModelError(
        `${stray.path} lies in another folder than ${files[0]!.path}: put a model's files together.`,
      );
    const tensors = new Map<string, StoredTensor>();
    for (const file of files) {
      for (const [name, t] of file.tensors) {
        if (tensors.has(name)) throw new ModelError(`${directory} holds the tensor ${name} twice.`);
        tensors.set(name, t);
      }
    }
    return new Weights(files, tensors, directory, kind);
  }

  /** The tensors of a GGUF file, by the names that they have here. */
  static ofGguf(file: WeightFile, tensors: ReadonlyMap<string, StoredTensor>): Weights {
    return new Weights([file], tensors, file.path);
  }

  /** True of a file whose tensors cannot be used as they lie in it: see `packBlocks` and `weightsToFloat32`. */
  get inGgufForm(): boolean {
    return [...this.tensors.values()].some(inGgufForm);
  }

  /** True where some tensors are of quantised types of GGUF. */
  get inBlocks(): boolean {
    return [...this.tensors.values()].some((t) => blockFormats[t.type as GgmlType] !== undefined);
  }

  /** True of a file that `packBlocks` made: there is no float copy of its layers. */
  get packed(): boolean {
    return this.kind === packedKind;
  }

  /** Some published folders store the bare model, whose names lack the leading `model.`. */
  private find(name: string): StoredTensor | undefined {
    return this.tensors.get(name) ?? this.tensors.get(name.replace(/^model\./, ''));
  }

  /** @throws ModelError when the tensor is missing or has another shape or type than the configuration says */
  require(name: string, shape: readonly number[]): StoredTensor {
    const found = this.find(name);
    if (!found) {
      throw new ModelError(
        `${this.directory} lacks the tensor ${name}: its config.json and its weights do not belong together.`,
      );
    }
    if (found.shape.length !== shape.length || found.shape.some((d, i) => d !== shape[i])) {
      throw new ModelError(
        `${found.file}: tensor ${name} has the shape [${found.shape}] where config.json says [${shape}]. ` +
          'Use the two files of one model.',
      );
    }
    if (!graphTypes[found.type] || inGgufForm(found)) {
      throw new ModelError(
        `${found.file}: tensor ${name} is ${found.type}; choose the model's f32, f16 or bf16 version.`,
      );
    }
    return found;
  }

  /** True of a file that `weightsToFloat16` made: its matrices are to be multiplied as they are. */
  get isFloat16(): boolean {
    return this.kind === 'float16';
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** The tensor as it is stored, in the graph. */
  stored(g: GraphBuilder, name: string, shape: readonly number[]): Value {
    const t = this.require(name, shape);
    const external = { location: basename(t.file), offset: t.offset, length: t.length };
    return g.weight(name, graphTypes[t.type]!, shape, external);
  }

  /** The tensor as float32, in the graph. */
  float(g: GraphBuilder, name: string, shape: readonly number[]): Value {
    const value = this.stored(g, name, shape);
    if (value.type === 'float32') return value;
    let casts = this.casts.get(g);
    if (!casts) {
      casts = new Map();
      this.casts.set(g, casts);
    }
    const known = casts.get(name);
    if (known) return known;
    const cast = g.cast(value, 'float32');
    casts.set(name, cast);
    return cast;
  }

  /** The quantised form of a weight in the graph, where these weights have one. */
  quantized(g: GraphBuilder, name: string): QuantizedWeight | undefined {
    for (const bits of [8, 4] as const) {
      const packed = this.tensors.get(`${name}.int${bits}`);
      const scale = this.tensors.get(`${name}.int${bits}.scale`);
      if (!packed || !scale) continue;
      const type = bits === 8 ? 'uint8' : 'uint4';
      const place = (t: StoredTensor, length = t.length) => ({
        location: basename(t.file),
        offset: t.offset,
        length,
      });
      const [outputs, blocks] = scale.shape as [number, number];
      const bytes = packed.shape[2]!;
      const group = (bytes * 8) / bits;
      const zero = this.tensors.get(zeroName(bits));
      const minimum = this.tensors.get(`${name}.int${bits}.minimum`);
      return {
        bits,
        group,
        packed: g.weight(`${name}.int${bits}`, 'uint8', packed.shape, place(packed)),
        scale: g.weight(`${name}.int${bits}.scale`, 'float32', scale.shape, place(scale)),
        rows: () => g.weight(`${name}.int${bits}.rows`, type, [outputs, group * blocks], place(packed)),
        table: () => g.weight(`${name}.int${bits}.table`, 'uint8', [outputs, bytes * blocks], place(packed)),
        ...(minimum
          ? { minimum: g.weight(`${name}.int${bits}.minimum`, 'float32', minimum.shape, place(minimum)) }
          : {}),
        zero: () => {
          const length = Math.ceil((outputs * blocks * bits) / 8);
          if (!zero || zero.length < length) throw new Error(`no zeros for ${name}`);
          return g.weight(`zero_${bits}_${outputs}_${blocks}`, type, [outputs, blocks], place(zero, length));
        },
      };
    }
    return undefined;
  }

  private readonly casts = new WeakMap<GraphBuilder, Map<string, Value>>();

  /** Name and place of every tensor. */
  entries(): IterableIterator<[string, StoredTensor]> {
    return this.tensors.entries();
  }

  /** Bytes of all tensors as they are stored. */
  get bytes(): number {
    let sum = 0;
    for (const t of this.tensors.values()) sum += t.length;
    return sum;
  }

  /** Number of values in all tensors. */
  get parameters(): number {
    let sum = 0;
    for (const t of this.tensors.values()) sum += t.shape.reduce((n, d) => n * d, 1);
    return sum;
  }
}

function shardNames(index: string): string[] {
  const bad = (what: string) => new ModelError(`${index} cannot be used: ${what}. Download it again.`);
  let json: { weight_map?: Record<string, unknown> };
  try {
    json = readJson(index) as typeof json;
  } catch {
    throw bad('it is not JSON');
  }
  const map = json?.weight_map;
  if (typeof map !== 'object' || map === null) throw bad('it has no weight_map');
  const names = [...new Set(Object.values(map))];
  for (const name of names) {
    if (typeof name !== 'string' || name !== basename(name))
      throw bad(`it names the file ${JSON.stringify(name)}`);
  }
  return names as string[];
}
