/** A local model, compiled here. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Placement, placementOf } from '../graph/placement';
import { longs } from '../graph/runtime';
import type { ModelConfig } from './architectures/config';
import { rotaryTables } from './architectures/rope';
import { ModelError } from './errors';
import type { Weights } from './files/weights';
import { decodeGraph } from './graphs/decode';
import { plainCachedFeeds } from './graphs/plain-cached-attention';
import { packBlocks, packedBytes, widenedTypes } from './quantize/pack-blocks';
import { quantizeWeights } from './quantize/quantize';
import { weightsToFloat16 } from './quantize/to-float16';
import { weightsToFloat32 } from './quantize/to-float32';
import { AdapterTrainer } from './runtime/adapter-trainer';
import { SessionDecoder } from './runtime/decoder';
import { chooseDevice, multipliesHalves } from './runtime/device';
import { DeviceCache } from './runtime/device-kv-cache';
import { checkWeights } from './runtime/memory';
import { SessionScorer } from './runtime/scorer';
import { type ModelParts, mapAbove } from './runtime/sessions';
import { folderSource } from './sources/folder';
import { ggufSource } from './sources/gguf';
import type { ModelSource, TextSide } from './sources/source';
import type {
  Decoder,
  Device,
  Model,
  OpenModelOptions,
  PromptFormat,
  Scorer,
  Tokenizer,
  TrainingSession,
} from './types';

export { ModelError } from './errors';
export { loadAdapter, saveAdapter } from './files/peft';
export { folderName as modelName } from './sources/folder';
export { prefixOnlyNotice } from './tokenizer/fim-format';

/**
 * Opens a model: a folder in Hugging Face layout, or a GGUF file. Reads the description, the tokenizer and the headers of
 * the weights, and checks that they belong together; nothing is compiled before it is needed.
 *
 * @throws ModelError with one sentence that names the file, what is wrong and what to do
 */
export async function openModel(path: string, options: OpenModelOptions = {}): Promise<FolderModel> {
  const source = openSource(resolve(path));
  checkWeights(source.path, neededBytes(source.weights, options));
  const texts = source.readTexts();
  const { device, notice } = await chooseDevice(options.device ?? 'auto', source.weights.parameters);
  const chosen = await chooseWeights(source, device, options);
  const notices = new Set([notice, ...texts.notices, ...chosen.notices].filter(Boolean));
  return new FolderModel(source, texts, {
    config: source.config,
    ...chosen.weights,
    recompute: options.recompute,
    device,
    notice: [...notices].join(' ') || undefined,
    threads: options.threads ?? 0,
  });
}

function openSource(path: string): ModelSource {
  const file = ggufFile(path);
  return file ? ggufSource(file) : folderSource(path);
}

/** The path where it is a file, or the only GGUF file of a folder that holds no model of its own. */
function ggufFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() || (!stat && /\.gguf$/i.test(path))) return path;
  if (!stat?.isDirectory() || existsSync(join(path, 'config.json'))) return undefined;
  const files = readdirSync(path).filter((name) => /\.gguf$/i.test(name));
  return files.length === 1 ? join(path, files[0]!) : undefined;
}

type ChosenWeights = Pick<ModelParts, 'weights' | 'decodeWeights' | 'trainingWeights' | 'exactDecoding'>;

/** Which form of the weights each use has on this device; forms that are not the file's own are made and kept. */
async function chooseWeights(
  { config, weights: stored, path }: ModelSource,
  device: Device,
  options: OpenModelOptions,
): Promise<{ weights: ChosenWeights; notices: (string | undefined)[] }> {
  if (stored.inBlocks && device === 'cpu') {
    // Quantised already: the numbers are the file's own for every use, and only what they are multiplied with differs.
    const weights = await packBlocks(stored);
    const notices = [widenedNotice(path, stored)];
    return { weights: { weights, exactDecoding: options.precision === 'float32' }, notices };
  }
  const weights = device === 'cpu' && !stored.inGgufForm ? await mappable(stored) : await plain(stored);
  const decoding = await atPrecision(stored, config, device, options.precision ?? 'float32');
  const training = await atPrecision(stored, config, device, options.trainingPrecision ?? 'float32');
  return {
    weights: { weights, decodeWeights: decoding.weights, trainingWeights: training.weights },
    notices: [decoding.notice, training.notice],
  };
}

/** The weights in plain numbers. @throws Error when there is no room for a copy that is needed */
const plain = async (stored: Weights) => (stored.inGgufForm ? weightsToFloat32(stored) : stored);

function widenedNotice(path: string, weights: Weights): string | undefined {
  const types = widenedTypes(weights);
  if (types.length === 0) return undefined;
  const size = (packedBytes(weights) / 1e6).toFixed(0);
  return `${path} has weights of the type ${types.join(', ')}: they are computed with in 8 bits, which takes ${size} MB.`;
}

/** The CPU computes in float32 unless both uses are in few bits; in these the embedding's table stays in float32. */
function neededBytes(weights: Weights, { precision, trainingPrecision }: OpenModelOptions): number {
  // Beside the file's own numbers a session keeps them in the runtime's arrangement.
  if (weights.inBlocks) return 2 * packedBytes(weights);
  const few = (p: OpenModelOptions['precision']) => p === 'int8' || p === 'int4';
  return (few(precision) && few(trainingPrecision) ? 2 : 4) * weights.parameters;
}

/** Large half-precision weights as float32, if there is room for the copy; without it sessions widen them in memory. */
async function mappable(weights: Weights): Promise<Weights> {
  const half = [...weights.entries()].some(([, t]) => t.type !== 'F32');
  if (!half || weights.bytes < mapAbove) return weights;
  return weightsToFloat32(weights).catch(() => weights);
}

/** Models of more parameters are worth fewer bits where the choice is left open. */
const fewerBitsAbove = 100e6;

/** Weights in few bits are for the CPU, where reading them is what a token costs; in float16 for devices that multiply so. */
async function atPrecision(
  weights: Weights,
  config: ModelConfig,
  device: Device,
  precision: NonNullable<OpenModelOptions['precision']>,
): Promise<{ weights?: Weights; notice?: string }> {
  if (precision === 'float32') return {};
  if (precision === 'auto') {
    if (weights.parameters < fewerBitsAbove) return {};
    const best = device === 'cpu' ? 'int8' : (await multipliesHalves(device)) ? 'float16' : 'float32';
    return atPrecision(weights, config, device, best);
  }
  const half = precision === 'float16';
  if (half !== (device !== 'cpu'))
    return { notice: `The precision ${precision} is not for the device ${device}; float32 is used.` };
  if (half && !(await multipliesHalves(device)))
    return { notice: `The device ${device} does not compute in float16; float32 is used.` };
  try {
    if (half) return { weights: await weightsToFloat16(weights) };
    return { weights: await quantizeWeights(weights, config, precision === 'int8' ? 8 : 4) };
  } catch (error) {
    if (error instanceof ModelError) throw error;
    // No room for the file, say: what worked before goes on.
    const why = (error as Error).message;
    return { notice: `The weights cannot be kept in ${precision} (${why}); float32 is used.` };
  }
}

/** `parts` is for tools of this folder that compile graphs of their own. */
export class FolderModel implements Model {
  private readonly open: { close(): Promise<void> }[] = [];

  constructor(
    private readonly source: ModelSource,
    private readonly texts: TextSide,
    readonly parts: ModelParts,
  ) {}

  /** The model's folder or file. */
  get path(): string {
    return this.source.path;
  }

  /** Where reference cases have their adapter. */
  get adapterFolder(): string {
    return this.source.adapterFolder;
  }

  get hash(): string {
    return this.source.hash;
  }

  get tokenizer(): Tokenizer {
    return this.texts.tokenizer;
  }

  get format(): PromptFormat {
    return this.texts.format;
  }

  get name(): string {
    return this.source.name;
  }

  /** Number of weights, however they are stored. */
  get parameters(): number {
    return this.source.weights.parameters;
  }

  get contextLength(): number {
    return this.parts.config.contextLength;
  }

  get device(): Device {
    return this.parts.device;
  }

  get notice(): string | undefined {
    return this.parts.notice;
  }

  async decoder(): Promise<Decoder> {
    return this.keep(new SessionDecoder(this.parts));
  }

  async scorer(): Promise<Scorer> {
    return this.keep(new SessionScorer(this.parts));
  }

  async trainer(options: Parameters<Model['trainer']>[0]): Promise<TrainingSession> {
    return this.keep(await AdapterTrainer.create(this.parts, options));
  }

  /** Which operators of a decoding run the device has, and which fall back to the CPU. */
  async placement(): Promise<Placement> {
    const { config, weights, decodeWeights = weights, device } = this.parts;
    const g = decodeGraph(config, decodeWeights, [], false, device);
    if (device === 'cpu') return { onDevice: g.nodes.length, onCpu: 0, fallenBack: {} };
    const feeds = {
      ids: longs([0], [1, 1]),
      rows: longs([0]),
      ...plainCachedFeeds(config, 0, 1, rotaryTables(config.rope, 1)),
      ...new DeviceCache(config).pastFeeds,
    };
    return placementOf(g.encode(), { device, folder: decodeWeights.folder }, feeds);
  }

  private keep<T extends { close(): Promise<void> }>(part: T): T {
    this.open.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.open.splice(0)) await part.close();
  }
}
