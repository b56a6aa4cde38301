/** Scoring and training under adapters that act on responses only, with prompts and lower layers read once. */
import type { GraphBuilder } from '../../graph/operators';
import { longs, type RuntimeTensor } from '../../graph/runtime';
import { adapterModules } from '../adapter';
import { fromLayer, type LinearModule, linearModules } from '../architectures/linear-modules';
import { ModelError } from '../errors';
import type { Weights } from '../files/weights';
import { responseTrainingGraph } from '../graphs/response';
import type { Adapter, ResponseEngine, ResponseRow, Scorer, TrainerOptions, TrainingSession } from '../types';
import { AdapterTrainer } from './adapter-trainer';
import { type GradientRow, GradientSession } from './gradient-session';
import { ResponseReader } from './response-reader';
import { ResponseScorer } from './response-scorer';
import type { ModelParts } from './sessions';

/** The first layer of an adapter, and of a fresh one on a share of the layers. */
export function firstLayer(
  { config }: ModelParts,
  { adapter, share }: { adapter?: Adapter; share: number },
): number {
  if (!adapter) return Math.min(config.layers - 1, Math.round(config.layers * (1 - share)));
  const modules = linearModules(config);
  const factors = adapterModules(adapter, modules);
  const perLayer = fromLayer(config, 0).length / config.layers;
  const lowest = modules.findIndex(({ name }) => factors.has(name));
  return Math.min(config.layers - 1, Math.floor(lowest / perLayer));
}

export class ResponseSession implements ResponseEngine {
  private readonly reader: ResponseReader;
  private readonly open: { close(): Promise<void> }[] = [];
  readonly scorer: Scorer;

  constructor(
    private readonly parts: ModelParts,
    options: { adapter?: Adapter; share: number },
  ) {
    if (options.adapter && options.adapter.positions !== 'response')
      throw new ModelError('The adapter acts on prompts too, which must then be read anew for it.');
    this.reader = new ResponseReader(parts, firstLayer(parts, options));
    this.scorer = new ResponseScorer(parts, this.reader);
  }

  async trainer(options: TrainerOptions): Promise<TrainingSession> {
    const { parts, reader } = this;
    const trainer = await AdapterTrainer.create(
      parts,
      { ...options, positions: 'response' },
      { from: reader.from, session: (targets) => ResponseGradients.open(parts, targets, reader) },
    );
    this.open.push(trainer);
    return trainer;
  }

  async close(): Promise<void> {
    for (const part of this.open.splice(0)) await part.close();
    await this.scorer.close();
    await this.reader.close();
  }
}

/** Gradients from response tokens alone. */
class ResponseGradients extends GradientSession {
  private constructor(
    parts: ModelParts,
    targets: readonly LinearModule[],
    private readonly reader: ResponseReader,
  ) {
    super(parts, targets, 'tail', 'response');
  }

  static async open(
    parts: ModelParts,
    targets: readonly LinearModule[],
    reader: ResponseReader,
  ): Promise<ResponseGradients> {
    const made = new ResponseGradients(parts, targets, reader);
    await made.onDevice(parts.recompute ?? false, (session) => Promise.resolve(session));
    return made;
  }

  protected override graph(weights: Weights, recompute: boolean): GraphBuilder {
    return responseTrainingGraph(this.parts.config, weights, this.targets, this.reader.from, recompute);
  }

  override lengthOf({ response }: ResponseRow): number {
    return response.length;
  }

  protected override async sequenceFeeds(
    rows: readonly GradientRow[],
  ): Promise<Record<string, RuntimeTensor>> {
    const targets = longs(rows.flatMap(({ response }) => [...response]));
    return { ...(await this.reader.feeds(rows)), targets };
  }
}
