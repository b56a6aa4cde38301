/** A local model: a folder with config.json, safetensors and tokenizer.json, compiled here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type ModelConfig, parseConfig } from './config';
import { SessionDecoder } from './decoder';
import { chooseDevice } from './device';
import { ModelError } from './errors';
import { expandWeights } from './expand';
import { promptFormat } from './format';
import { quantizeWeights } from './quantize';
import { type ModelParts, mapAbove } from './runner';
import { scoreGraph } from './score-graph';
import { SessionScorer } from './scorer';
import { loadTokenizer } from './tokenizer';
import { AdapterTrainer } from './trainer';
import type {
  Decoder,
  DeviceName,
  Model,
  OpenModelOptions,
  PromptFormat,
  Scorer,
  Tokenizer,
  TrainingSession,
} from './types';
import { Weights } from './weights';

export { loadAdapter, saveAdapter } from './adapter';
export { ModelError } from './errors';

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
  // Building a graph names every tensor that is missing or has the wrong shape.
  scoreGraph(config, stored, []);
  checkMemory(folder, stored);
  const tokenizer = loadTokenizer(folder, config.vocabularySize);
  const format = promptFormat(folder, tokenizer, config.endIds);
  const hash = createHash('sha256').update(text);
  for (const file of stored.files) hash.update(`${file.size} ${file.header}`);
  const { device, notice } = await chooseDevice(options.device ?? 'auto');
  const weights = device === 'cpu' ? await mappable(stored) : stored;
  const decodeWeights = await fewBits(stored, config, device, options.precision ?? 'float32');
  const trainingWeights = await fewBits(stored, config, device, options.trainingPrecision ?? 'float32');
  return new FolderModel(folder, hash.digest('hex').slice(0, 16), tokenizer, format, {
    config,
    weights,
    decodeWeights,
    trainingWeights,
    recompute: options.recompute,
    device,
    notice,
    threads: options.threads ?? 0,
  });
}

/** The CPU computes in float32; weights that do not fit into memory would be read from the disk for every token. */
function checkMemory(folder: string, weights: Weights): void {
  const limit = process.constrainedMemory?.() || Number.POSITIVE_INFINITY;
  const memory = Math.min(totalmem(), limit);
  const needed = 4 * weights.parameters;
  if (needed < 0.8 * memory) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new ModelError(
    `${folder} needs ${gigabytes(needed)} GB of memory for its weights, and this machine has ${gigabytes(memory)} GB: choose a smaller model.`,
  );
}

/** Large half-precision weights as float32, if there is room for the copy; without it sessions widen them in memory. */
async function mappable(weights: Weights): Promise<Weights> {
  const half = [...weights.entries()].some(([, t]) => t.type !== 'F32');
  if (!half || weights.bytes < mapAbove) return weights;
  return expandWeights(weights).catch(() => weights);
}

/** Weights in few bits are for the CPU, where reading them is what a token costs. */
async function fewBits(
  weights: Weights,
  config: ModelConfig,
  device: DeviceName,
  precision: NonNullable<OpenModelOptions['precision']>,
): Promise<Weights | undefined> {
  if (precision === 'float32' || device !== 'cpu') return undefined;
  try {
    return await quantizeWeights(weights, config, precision === 'int8' ? 8 : 4);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw new ModelError(
      `The weights cannot be kept in ${precision} (${(error as Error).message}): use float32.`,
    );
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
    json = JSON.parse(text);
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

  get device(): DeviceName {
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

  private keep<T extends { close(): Promise<void> }>(part: T): T {
    this.open.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.open.splice(0)) await part.close();
  }
}
