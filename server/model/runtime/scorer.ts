/** Log-probabilities of given responses. */
import { longs, type RuntimeTensor } from '../../graph/runtime';
import { ModelError } from '../errors';
import { fullAttentionFeeds } from '../graphs/attention';
import { leastTime } from '../graphs/causal-attention';
import { positionFeed } from '../graphs/lora';
import { scoreGraph } from '../graphs/score';
import type { Adapter, ResponseRow, Scored, Scorer } from '../types';
import { AdaptedSessions, type ModelParts, onWorkingDevice } from './sessions';

export class SessionScorer implements Scorer {
  private readonly sessions: AdaptedSessions;

  constructor(private readonly parts: ModelParts) {
    this.sessions = new AdaptedSessions(parts, scoreGraph);
  }

  async score(prompt: readonly number[], response: readonly number[], adapter: Adapter | null, topK: number) {
    if (response.length === 0) return nothing();
    const wanted = ['log_probs', 'entropy', ...(topK > 0 ? ['top_ids', 'top_log_probs'] : [])];
    const out = await this.run(prompt, response, adapter, topK, wanted);
    return {
      logProbs: out.log_probs!.data as Float32Array,
      entropy: out.entropy!.data as Float32Array,
      topIds: topK > 0 ? Int32Array.from(out.top_ids!.data as BigInt64Array, Number) : new Int32Array(),
      topLogProbs: topK > 0 ? (out.top_log_probs!.data as Float32Array) : new Float32Array(),
    };
  }

  async scoreMany(rows: readonly ResponseRow[], adapter: Adapter | null, topK: number): Promise<Scored[]> {
    const out: Scored[] = [];
    for (const { prompt, response } of rows) out.push(await this.score(prompt, response, adapter, topK));
    return out;
  }

  async logits(prompt: readonly number[], response: readonly number[], adapter: Adapter | null) {
    if (response.length === 0) return new Float32Array();
    const out = await this.run(prompt, response, adapter, 0, ['logits']);
    return out.logits!.data as Float32Array;
  }

  private async run(
    prompt: readonly number[],
    response: readonly number[],
    adapter: Adapter | null,
    topK: number,
    wanted: string[],
  ): Promise<Record<string, RuntimeTensor>> {
    const { config } = this.parts;
    checkIds([...prompt, ...response], config.vocabularySize);
    if (prompt.length === 0) throw new ModelError('The prompt is empty: give at least one token.');
    if (topK > config.vocabularySize)
      throw new ModelError(`The ${topK} likeliest tokens of ${config.vocabularySize} were asked for.`);
    // The last token of the response predicts nothing that is asked for.
    const ids = [...prompt, ...response.slice(0, -1)];
    while (ids.length < leastTime) ids.push(0);
    const feeds = {
      ids: longs(ids, [1, ids.length]),
      rows: longs(response.map((_, t) => prompt.length - 1 + t)),
      targets: longs(response),
      k: longs([Math.max(1, topK)]),
      ...fullAttentionFeeds(config, ids.length),
    };
    const work = async () => {
      const { session, lora, positions } = await this.sessions.prepare(adapter);
      const where: Record<string, RuntimeTensor> = positions
        ? { lora_positions: positionFeed([prompt.length - 1], ids.length) }
        : {};
      return session.run({ ...feeds, ...lora, ...where }, wanted);
    };
    return onWorkingDevice(this.parts, work, () => this.sessions.close());
  }

  close(): Promise<void> {
    return this.sessions.close();
  }
}

/** Of an empty response. */
export const nothing = (): Scored => ({
  logProbs: new Float32Array(),
  topIds: new Int32Array(),
  topLogProbs: new Float32Array(),
  entropy: new Float32Array(),
});

/** @throws ModelError when an id is outside the vocabulary, which the runtime would only reject with a crash of its own */
export function checkIds(ids: readonly number[], vocabularySize: number): void {
  const bad = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (bad >= 0)
    throw new ModelError(`Token ${ids[bad]} is outside this model's vocabulary of ${vocabularySize}.`);
}
