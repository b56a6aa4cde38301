/** Trains one adapter: gradients add up over batches, then AdamW takes a step. */

import { seededRandom } from '../../base/random';
import { adapterModules, freshAdapter, type LoraFactors, makeAdapter, tensorName } from '../adapter';
import { fromLayer, type LinearModule, linearModules } from '../architectures/linear-modules';
import { ModelError } from '../errors';
import type {
  AdamWOptions,
  Adapter,
  OptimizerState,
  TrainerOptions,
  TrainingRow,
  TrainingSession,
} from '../types';
import { AdamW } from './adamw';
import { type GradientRow, GradientSession } from './gradient-session';
import { availableMemory, planTraining, trainingBytes, trainingShare } from './memory';

import { checkIds } from './scorer';
import type { ModelParts } from './sessions';

/** Padded tokens in one run at most. A run cannot be interrupted, and activations grow with it. */
const tokensPerRun = 2048;

/** What a run would take: rows, padded tokens of each, and positions that are scored. */
type Extent = { rows: number; time: number; scored: number };

export class AdapterTrainer implements TrainingSession {
  private readonly optimizer = new AdamW();
  private readonly accumulated = new Map<string, Float32Array>();
  private readonly parameters: Map<string, Float32Array>;
  /** Memory that could be had before the first run, in bytes. */
  private readonly available = availableMemory();

  private constructor(
    private readonly parts: ModelParts,
    private readonly start: Adapter,
    private readonly factors: Map<string, LoraFactors>,
    private readonly session: GradientSession,
  ) {
    this.parameters = new Map(
      [...factors].flatMap(([module, f]) => [
        [tensorName(module, 'A'), f.a],
        [tensorName(module, 'B'), f.b],
      ]),
    );
  }

  /**
   * Trains a copy of `adapter`, or a fresh one on every linear layer but the output's.
   * @param engine makes the session of an engine that trains the layers from `from` on
   */
  static async create(
    parts: ModelParts,
    options: TrainerOptions,
    engine?: { from: number; session(targets: readonly LinearModule[]): Promise<GradientSession> },
  ): Promise<AdapterTrainer> {
    const all = linearModules(parts.config);
    const { rank, alpha, positions } = options;
    if (!Number.isInteger(rank) || rank < 1)
      throw new ModelError(`An adapter's rank of ${rank} is not possible: use 1 or more.`);
    const start =
      options.adapter ??
      freshAdapter(fromLayer(parts.config, engine?.from ?? 0), {
        rank,
        alpha,
        random: seededRandom(options.seed),
        positions,
      });
    const factors = new Map(
      [...adapterModules(start, all)].map(([module, f]) => [
        module,
        { ...f, a: f.a.slice(), b: f.b.slice() },
      ]),
    );
    const targets = all.filter((m) => factors.has(m.name));
    if (targets.length === 0)
      throw new ModelError('The adapter touches no layer of this model: there is nothing to train.');
    const session = engine
      ? await engine.session(targets)
      : await GradientSession.create(parts, targets, 'tail', start.positions);
    return new AdapterTrainer(parts, start, factors, session);
  }

  async accumulate(
    rows: readonly TrainingRow[],
    scale: number,
  ): Promise<{ crossEntropy: Float32Array; divergence: Float32Array }> {
    const crossEntropy = new Float32Array(rows.length);
    const divergence = new Float32Array(rows.length);
    for (const row of rows) this.check(row);
    const { config, recompute: always = false } = this.parts;
    const room = trainingShare * this.available;
    const fits = (extent: Extent) => trainingBytes(config, { ...extent, recompute: always }) <= room;
    for (const batch of batches(rows, (row) => this.session.lengthOf(row), fits)) {
      const chosen = batch.indices.map((i) => rows[i]!);
      const { recompute } = planTraining(this.parts, batch, this.available);
      const { losses, gradients } = await this.session.run(
        chosen.map((row) => gradientRow(row, scale)),
        this.factors,
        batch.k,
        recompute,
      );
      for (const [name, g] of gradients) this.add(name, g);
      batch.indices.forEach((index, i) => {
        const row = chosen[i]!;
        crossEntropy[index] = weightedMean(losses[i]!.ce, row.mask);
        const kind = row.divergence?.kind;
        divergence[index] = kind ? weightedMean(losses[i]![kind], row.mask) : 0;
      });
    }
    return { crossEntropy, divergence };
  }

  private add(name: string, gradient: Float32Array): void {
    const sum = this.accumulated.get(name);
    if (!sum) {
      this.accumulated.set(name, gradient.slice());
      return;
    }
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gradient[i]!;
  }

  private check(row: TrainingRow): void {
    const { prompt, response, mask, advantages, divergence: d } = row;
    if (prompt.length === 0 || response.length === 0)
      throw new ModelError('A training row has an empty prompt or response.');
    checkIds([...prompt, ...response], this.parts.config.vocabularySize);
    const n = response.length;
    const wrong = [mask, advantages].some((a) => a && a.length !== n);
    const k = d?.topK ?? 0;
    if (wrong || (d && (d.ids.length !== n * k || d.logProbs.length !== n * k || k < 1))) {
      throw new ModelError(`A training row's weights do not match its response of ${n} tokens.`);
    }
    if (d) checkIds(d.ids as unknown as readonly number[], this.parts.config.vocabularySize);
  }

  step(options: AdamWOptions): { gradNorm: number } {
    const result = this.optimizer.update(this.parameters, this.accumulated, options);
    this.accumulated.clear();
    return result;
  }

  adapter(): Adapter {
    const tensors: Adapter['tensors'] = new Map();
    for (const [name, data] of this.parameters) {
      tensors.set(name, { shape: [...this.start.tensors.get(name)!.shape], data: data.slice() });
    }
    const { rank, alpha, scales, positions } = this.start;
    const rest = { ...(scales ? { scales } : {}), ...(positions ? { positions } : {}) };
    return makeAdapter({ rank, alpha, tensors, ...rest });
  }

  optimizerState(): OptimizerState {
    return this.optimizer.state();
  }

  loadOptimizerState(state: OptimizerState): void {
    this.optimizer.load(state);
  }

  close(): Promise<void> {
    return this.session.close();
  }
}

function gradientRow(row: TrainingRow, scale: number): GradientRow {
  const { prompt, response, divergence, mask } = row;
  const total = maskSum(mask, response.length);
  const unit = total > 0 ? scale / total : 0;
  const weights = (factor: number, extra?: Float32Array) =>
    Float32Array.from(response, (_, t) => unit * factor * (mask?.[t] ?? 1) * (extra?.[t] ?? 1));
  const out: GradientRow = { prompt, response, weights: { ce: weights(row.crossEntropy, row.advantages) } };
  if (divergence) {
    out.weights[divergence.kind] = weights(divergence.weight);
    out.teacher = { logProbs: divergence.logProbs, ids: divergence.ids };
    if (divergence.beta !== undefined) out.beta = divergence.beta;
  }
  return out;
}

function maskSum(mask: Float32Array | undefined, length: number): number {
  return mask ? mask.reduce((sum, m) => sum + m, 0) : length;
}

function weightedMean(losses: Float32Array, mask: Float32Array | undefined): number {
  const total = maskSum(mask, losses.length);
  return total > 0 ? losses.reduce((sum, x, t) => sum + x * (mask?.[t] ?? 1), 0) / total : 0;
}

interface Batch extends Extent {
  indices: number[];
  k: number;
}

/** Rows that run together: similar lengths, so that little is padding, one size of support, and as many as fit in memory. */
function batches(
  rows: readonly TrainingRow[],
  lengthOf: (row: TrainingRow) => number,
  fits: (extent: Extent) => boolean,
): Batch[] {
  const length = (i: number) => lengthOf(rows[i]!);
  const order = rows.map((_, i) => i).sort((a, b) => length(a) - length(b));
  const out: Batch[] = [];
  for (const i of order) {
    const k = rows[i]!.divergence?.topK ?? 0;
    const last = out.at(-1);
    const own = rows[i]!.response.length;
    const joined = last && { rows: last.rows + 1, time: length(i), scored: last.scored + own };
    const small = joined && joined.rows * joined.time <= tokensPerRun && fits(joined);
    if (small && (k === 0 || last.k === 0 || last.k === k)) {
      Object.assign(last, joined, { k: last.k || k });
      last.indices.push(i);
    } else {
      out.push({ indices: [i], k, rows: 1, time: length(i), scored: own });
    }
  }
  return out.map((batch) => ({ ...batch, k: batch.k || 1 }));
}
