/** A local model: a folder with config.json, safetensors and tokenizer.json, compiled here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type Placement, placementOf } from '../graph/placement';
import { longs } from '../graph/runtime';
import { ids, type ModelConfig, parseConfig } from './architectures/config';
import { headModule } from './architectures/linear-modules';
import { rotaryTables } from './architectures/rope';
import { ModelError } from './errors';
import { optionalJson, parseJson } from './files/json-file';
import { Weights } from './files/weights';
import { decodeGraph } from './graphs/decode';
import { plainCachedFeeds } from './graphs/plain-cached-attention';
import { scoreGraph } from './graphs/score';
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
import { promptFormat } from './tokenizer/fim-format';
import { loadTokenizer } from './tokenizer/tokenizer';
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
export { prefixOnlyNotice } from './tokenizer/fim-format';

/**
 * Opens a model folder. Reads the configuration, the tokenizer and the headers of the weight files, and checks that they
 * belong together; nothing is compiled before it is needed.
 *
 * @throws ModelError with one sentence that names the file, what is wrong and what to do
 */
export async function openModel(directory: string, options: OpenModelOptions = {}): Promise<FolderModel> {
  const folder = resolve(directory);
  const { config, text } = readConfig(join(folder, 'config.json'));
  const stored = Weights.open(folder);
  const head = headModule(config).name;
  if (!config.tied && !stored.has(`${head}.weight`)) {
    throw new ModelError(
      `${folder} lacks the tensor ${head}.weight, its output layer: download the model's remaining files, or set ` +
        'tie_word_embeddings to true in config.json where the model shares it with the embedding.',
    );
  }
  // Building a graph names every tensor that is missing or has the wrong shape.
  scoreGraph(config, stored, []);
  checkWeights(folder, neededBytes(stored, options));
  const tokens = optionalJson(join(folder, 'tokenizer_config.json'));
  const tokenizer = loadTokenizer(folder, config.vocabularySize, tokens.json);
  const generation = optionalJson(join(folder, 'generation_config.json'));
  const format = promptFormat(folder, tokenizer, [...config.endIds, ...ids(generation.json.eos_token_id)]);
  const hash = createHash('sha256').update(text);
  for (const file of stored.files) hash.update(`${file.size} ${file.header}`);
  const { device, notice } = await chooseDevice(options.device ?? 'auto', stored.parameters);
  const weights = device === 'cpu' ? await mappable(stored) : stored;
  const decoding = await atPrecision(stored, config, device, options.precision ?? 'float32');
  const training = await atPrecision(stored, config, device, options.trainingPrecision ?? 'float32');
  const notices = new Set(
    [notice, tokens.notice, generation.notice, decoding.notice, training.notice].filter(Boolean),
  );
  return new FolderModel(folder, hash.digest('hex').slice(0, 16), tokenizer, format, {
    config,
    weights,
    decodeWeights: decoding.weights,
    trainingWeights: training.weights,
    recompute: options.recompute,
    device,
    notice: [...notices].join(' ') || undefined,
    threads: options.threads ?? 0,
  });
}

/** The CPU computes in float32 unless both uses are in few bits; in these the embedding's table stays in float32. */
function neededBytes(weights: Weights, { precision, trainingPrecision }: OpenModelOptions): number {
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

function readConfig(path: string): { config: ModelConfig; text: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ModelError(`${path} cannot be read: choose a folder with a model in Hugging Face layout.`);
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    throw new ModelError(`${path} is not JSON: download the model again.`);
  }
  return { config: parseConfig(json, path), text };
}

/** The folder's name; of a download cache's folder, which is named by a number, the model's. */
export function modelName(directory: string): string {
  const cached = /models--(?:[^/\\]+--)?([^/\\]+)[/\\]snapshots[/\\][^/\\]+$/.exec(directory);
  return cached?.[1] ?? basename(directory);
}

/** `parts` is for tools of this folder that compile graphs of their own. */
export class FolderModel implements Model {
  private readonly open: { close(): Promise<void> }[] = [];

  constructor(
    readonly directory: string,
    readonly hash: string,
    readonly tokenizer: Tokenizer,
    readonly format: PromptFormat,
    readonly parts: ModelParts,
  ) {}

  get name(): string {
    return modelName(this.directory);
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
