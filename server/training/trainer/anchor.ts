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
      .map((row) => replayIds(model, row, options, source.next()))
      .filter((row) => row.response.length >= 8);
  }

  get size(): number {
    return this.rows.length;
  }

  /** Training rows of the given indices with the base's distribution at weight 1; the loop scales them by β. */
  async batch(indices: readonly number[]): Promise<TrainingRow[]> {
    const rows: TrainingRow[] = [];
    for (const index of indices) {
      const { prompt, response, ids, logProbs, topK } = await this.row(index);
      rows.push({
        prompt,
        response,
        crossEntropy: 0,
        divergence: { kind: 'forward', weight: 1, ids, logProbs, topK },
      });
    }
    return rows;
  }

  /** Student's mean entropy over the base's on a few rows; null without rows. */
  async entropyRatio(adapter: Adapter, count = 4): Promise<number | null> {
    let own = 0;
    let base = 0;
    for (let index = 0; index < Math.min(count, this.rows.length); index++) {
      const row = await this.row(index);
      own += mean((await this.scorer.score(row.prompt, row.response, adapter, 0)).entropy);
      base += row.entropy;
    }
    return base > 0 ? own / base : null;
  }

  private async row(index: number): Promise<AnchorRow> {
    const known = this.cache.get(index);
    if (known) return known;
    const { prompt, response } = this.rows[index]!;
    const scored = await this.scorer.score(prompt, response, null, this.options.topK);
    const made = {
      prompt,
      response,
      ids: scored.topIds,
      logProbs: scored.topLogProbs,
      topK: scored.topIds.length / response.length,
      entropy: mean(scored.entropy),
    };
    this.cache.set(index, made);
    return made;
  }
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : 0;
}
