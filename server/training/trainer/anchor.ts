/**
 * The anchor against forgetting: KL(base‖student) on replay rows, every step. The base's distributions do not change,
 * so each row is scored once a round and kept.
 */

import type { Random } from '../../base/random';
import type { Adapter, Model, Scorer, TrainingRow } from '../../model/types';
import type { ReplayRow, RoundOptions } from '../types';
import { replayIds } from './prepare';

interface AnchorRow {
  prompt: number[];
  response: number[];
  ids: Int32Array;
  logProbs: Float32Array;
  topK: number;
  entropy: number;
}

export class Anchor {
  private readonly rows: { prompt: number[]; response: number[] }[];
  private readonly cache = new Map<number, AnchorRow>();

  constructor(
    model: Model,
    private readonly scorer: Scorer,
    replay: readonly ReplayRow[],
    private readonly options: RoundOptions,
    source: Random,
  ) {
    this.rows = replay
      .slice(0, options.replayRows)
      .map((row) => replayIds(model, row, options, source.next()))
      .filter((row) => row.response.length >= 8);
  }

  get size(): number {
    return this.rows.length;
  }

  /** Training rows of the given indices with the base's distribution at weight 1; the loop scales them by β. */
  async batch(indices: readonly number[]): Promise<TrainingRow[]> {
    await this.read(indices);
    return indices.map((index): TrainingRow => {
      const { prompt, response, ids, logProbs, topK } = this.cache.get(index)!;
      return {
        prompt,
        response,
        crossEntropy: 0,
        divergence: { kind: 'forward', weight: 1, ids, logProbs, topK },
      };
    });
  }

  /** Student's mean entropy over the base's on a few rows; null without rows. */
  async entropyRatio(adapter: Adapter, count = 4): Promise<number | null> {
    const indices = Array.from({ length: Math.min(count, this.rows.length) }, (_, i) => i);
    await this.read(indices);
    const rows = indices.map((index) => this.rows[index]!);
    const scored = await this.scorer.scoreMany(rows, adapter, 0);
    const own = scored.reduce((sum, { entropy }) => sum + mean(entropy), 0);
    const base = indices.reduce((sum, index) => sum + this.cache.get(index)!.entropy, 0);
    return base > 0 ? own / base : null;
  }

  /** Scores rows by the base model, those that are not there yet. */
  private async read(indices: readonly number[]): Promise<void> {
    const missing = indices.filter((index) => !this.cache.has(index));
    const rows = missing.map((index) => this.rows[index]!);
    const scored = await this.scorer.scoreMany(rows, null, this.options.topK);
    for (const [i, index] of missing.entries()) {
      const { topIds, topLogProbs, entropy } = scored[i]!;
      const { prompt, response } = rows[i]!;
      this.cache.set(index, {
        prompt,
        response,
        ids: topIds,
        logProbs: topLogProbs,
        topK: topIds.length / response.length,
        entropy: mean(entropy),
      });
    }
  }
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : 0;
}
