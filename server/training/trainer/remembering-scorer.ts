/** A scorer that remembers what the base model said of a row, which does not change in a round. */
import type { Adapter, ResponseRow, Scored, Scorer } from '../../model/types';

interface Remembered {
  topK: number;
  scored: Scored;
}

export class RememberingScorer implements Scorer {
  private readonly base = new Map<string, Remembered>();

  constructor(private readonly scorer: Scorer) {}

  async score(prompt: readonly number[], response: readonly number[], adapter: Adapter | null, topK: number) {
    return (await this.scoreMany([{ prompt, response }], adapter, topK))[0]!;
  }

  async scoreMany(rows: readonly ResponseRow[], adapter: Adapter | null, topK: number): Promise<Scored[]> {
    if (adapter) return this.scorer.scoreMany(rows, adapter, topK);
    const missing = new Map<string, ResponseRow>();
    for (const row of rows) {
      const key = keyOf(row);
      const known = this.base.get(key);
      if (!known || known.topK < topK) missing.set(key, row);
    }
    const made = await this.scorer.scoreMany([...missing.values()], null, topK);
    for (const [i, key] of [...missing.keys()].entries()) this.base.set(key, { topK, scored: made[i]! });
    return rows.map((row) => {
      const known = this.base.get(keyOf(row))!;
      return known.topK === topK ? known.scored : withTop(known.scored, known.topK, topK);
    });
  }

  logits(prompt: readonly number[], response: readonly number[], adapter: Adapter | null) {
    return this.scorer.logits(prompt, response, adapter);
  }

  close(): Promise<void> {
    return this.scorer.close();
  }
}

const keyOf = ({ prompt, response }: ResponseRow) => `${prompt.join()}|${response.join()}`;

/** The k likeliest of the `stored` likeliest at each position. */
function withTop(scored: Scored, stored: number, k: number): Scored {
  const positions = scored.logProbs.length;
  const width = Math.min(k, stored);
  const topIds = new Int32Array(positions * width);
  const topLogProbs = new Float32Array(positions * width);
  for (let t = 0; t < positions; t++) {
    topIds.set(scored.topIds.subarray(t * stored, t * stored + width), t * width);
    topLogProbs.set(scored.topLogProbs.subarray(t * stored, t * stored + width), t * width);
  }
  return { ...scored, topIds, topLogProbs };
}
