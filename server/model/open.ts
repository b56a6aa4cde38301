/** A local model, compiled here. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Placement, placementOf } from '../graph/placement';
import { longs } from '../graph/runtime';
import { rotaryTables } from './architectures/rope';
import { decodeGraph } from './graphs/decode';
import { plainCachedFeeds } from './graphs/plain-cached-attention';
import { chooseWeights, neededBytes } from './precision';
import { AdapterTrainer } from './runtime/adapter-trainer';
import { SessionDecoder } from './runtime/decoder';
import { chooseDevice } from './runtime/device';
import { DeviceCache } from './runtime/device-kv-cache';
import { checkWeights } from './runtime/memory';
import { ResponseSession } from './runtime/response-engine';
import { SessionScorer } from './runtime/scorer';
import type { ModelParts } from './runtime/sessions';
import { modelHash } from './sources/model-hash';
import { openSource } from './sources/open-source';
import type { ModelSource, TextSide } from './sources/source';
import type {
  Decoder,
  Device,
  Model,
  OpenModelOptions,
  PromptFormat,
  ResponseEngine,
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
  // Large files are hashed beside what follows, and once.
  const hashing = modelHash(source, options.hashes);
  hashing.catch(() => undefined);
  const texts = source.readTexts();
  const { device, notice } = await chooseDevice(options.device ?? 'auto', source.weights.parameters);
  const chosen = await chooseWeights(source, device, options);
  const notices = new Set([notice, ...texts.notices, ...chosen.notices].filter(Boolean));
  // What reads the texts holds on to everything that the file says, and is not needed again.
  const { readTexts: _, ...kept } = source;
  return new FolderModel(kept, texts, await hashing, {
    config: source.config,
    ...chosen.weights,
    recompute: options.recompute,
    device,
    notice: [...notices].join(' ') || undefined,
    threads: options.threads ?? 0,
  });
}

/** `parts` is for tools of this folder that compile graphs of their own. */
export class FolderModel implements Model {
  private readonly open: { close(): Promise<void> }[] = [];

  constructor(
    private readonly source: Omit<ModelSource, 'readTexts'>,
    private readonly texts: TextSide,
    readonly hash: string,
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

  get former(): Model['former'] {
    const { formerHash, weights } = this.source;
    if (formerHash === undefined) return undefined;
    const changedAt = Math.max(...weights.files.map(({ path }) => statSync(path).ctimeMs));
    return { hash: formerHash, changedAt };
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

  async decoder({ onlyOneSession = false } = {}): Promise<Decoder> {
    return this.keep(new SessionDecoder(this.parts, onlyOneSession));
  }

  async scorer(): Promise<Scorer> {
    return this.keep(new SessionScorer(this.parts));
  }

  async trainer(options: Parameters<Model['trainer']>[0]): Promise<TrainingSession> {
    return this.keep(await AdapterTrainer.create(this.parts, options));
  }

  async responses(options: Parameters<Model['responses']>[0]): Promise<ResponseEngine> {
    return this.keep(new ResponseSession(this.parts, options));
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
