/** Log-probabilities of given responses behind prompts that were read once. */
import { longs, type RuntimeTensor } from '../../graph/runtime';
import { ModelError } from '../errors';
import { responseScoreGraph } from '../graphs/response';
import type { Adapter, ResponseRow, Scored, Scorer } from '../types';
import type { ResponseReader } from './response-reader';
import { checkIds, nothing } from './scorer';
import { AdaptedSessions, type ModelParts, onWorkingDevice } from './sessions';

/** Positions whose logits one run makes at most: they take vocabulary floats each, several times over. */
const positionsPerRun = 160;

export class ResponseScorer implements Scorer {
  private readonly sessions: AdaptedSessions;

  constructor(
    private readonly parts: ModelParts,
    private readonly reader: ResponseReader,
  ) {
    this.sessions = new AdaptedSessions(parts, (c, weights, targets) =>
      responseScoreGraph(c, weights, targets, reader.from),
    );
  }

  async score(prompt: readonly number[], response: readonly number[], adapter: Adapter | null, topK: number) {
    return (await this.scoreMany([{ prompt, response }], adapter, topK))[0]!;
  }

  async scoreMany(rows: readonly ResponseRow[], adapter: Adapter | null, topK: number): Promise<Scored[]> {
    const wanted = ['log_probs', 'entropy', ...(topK > 0 ? ['top_ids', 'top_log_probs'] : [])];
    const out = rows.map(nothing);
    for (const row of rows) this.check(row);
    await this.reader.read(rows.filter(({ response }) => response.length > 0));
    for (const batch of batches(rows)) {
      const chosen = batch.map((i) => rows[i]!);
      const made = await this.run(chosen, adapter, topK, wanted);
      let start = 0;
      for (const i of batch) {
        const end = start + rows[i]!.response.length;
        const floatsOf = (name: string, width = 1) =>
          (made[name]!.data as Float32Array).slice(start * width, end * width);
        const ids = made.top_ids?.data as BigInt64Array | undefined;
        out[i] = {
          logProbs: floatsOf('log_probs'),
          entropy: floatsOf('entropy'),
          topIds: ids ? Int32Array.from(ids.subarray(start * topK, end * topK), Number) : new Int32Array(),
          topLogProbs: topK > 0 ? floatsOf('top_log_probs', topK) : new Float32Array(),
        };
        start = end;
      }
    }
    return out;
  }

  async logits(prompt: readonly number[], response: readonly number[], adapter: Adapter | null) {
    if (response.length === 0) return new Float32Array();
    this.check({ prompt, response });
    const out = await this.run([{ prompt, response }], adapter, 0, ['logits']);
    return out.logits!.data as Float32Array;
  }

  private check({ prompt, response }: ResponseRow): void {
    if (prompt.length === 0) throw new ModelError('The prompt is empty: give at least one token.');
    checkIds([...prompt, ...response], this.parts.config.vocabularySize);
  }

  private async run(
    rows: readonly ResponseRow[],
    adapter: Adapter | null,
    topK: number,
    wanted: string[],
  ): Promise<Record<string, RuntimeTensor>> {
    if (adapter && adapter.positions !== 'response')
      throw new ModelError(
        'An adapter that acts on prompts too cannot be scored from prompts that were kept.',
      );
    const feeds = {
      ...(await this.reader.feeds(rows)),
      targets: longs(rows.flatMap(({ response }) => [...response])),
      k: longs([Math.max(1, topK)]),
    };
    const work = async () => {
      const { session, lora } = await this.sessions.prepare(adapter);
      return session.run({ ...feeds, ...lora }, wanted);
    };
    return onWorkingDevice(this.parts, work, () => this.sessions.close());
  }

  close(): Promise<void> {
    return this.sessions.close();
  }
}

/** Indices of rows that run together: of similar length, so that little is padding. */
function batches(rows: readonly ResponseRow[]): number[][] {
  const order = rows.flatMap(({ response }, i) => (response.length > 0 ? [i] : []));
  order.sort((a, b) => rows[a]!.response.length - rows[b]!.response.length);
  const out: number[][] = [];
  for (const i of order) {
    const last = out.at(-1);
    if (last && (last.length + 1) * rows[i]!.response.length <= positionsPerRun) last.push(i);
    else out.push([i]);
  }
  return out;
}
