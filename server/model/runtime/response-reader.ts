/** Rows of responses as feeds of the response graphs: their prompts' keys and values, and what the lower layers make of them. */
import { floats, longs, type RuntimeTensor, type Session } from '../../graph/runtime';
import { lowerGraph } from '../graphs/response';
import { responseFeeds } from '../graphs/response-attention';
import type { ResponseRow } from '../types';
import { PromptStore } from './prompt-store';
import { compile, type ModelParts, onWorkingDevice } from './sessions';

/** Padded tokens that the lower layers read in one run. */
const tokensPerRun = 768;

export class ResponseReader {
  readonly prompts: PromptStore;
  /** What the lower layers made of a response's tokens, [S, hiddenSize]. */
  private readonly hidden = new Map<string, Float32Array>();
  private session: Promise<Session> | undefined;

  /** @param from the first layer of the adapter */
  constructor(
    private readonly parts: ModelParts,
    readonly from: number,
  ) {
    this.prompts = new PromptStore(parts);
  }

  /** Reads what is still to be read of these rows. @param between is called between runs */
  async read(rows: readonly ResponseRow[], between?: () => Promise<void>): Promise<void> {
    await this.prompts.read(
      rows.map(({ prompt }) => prompt),
      between,
    );
    if (this.from === 0) return;
    const missing = new Map<string, ResponseRow>();
    for (const row of rows) if (!this.hidden.has(keyOf(row))) missing.set(keyOf(row), row);
    const order = [...missing.values()].sort((a, b) => a.response.length - b.response.length);
    for (let first = 0; first < order.length; ) {
      let end = first + 1;
      while (end < order.length && (end + 1 - first) * order[end]!.response.length <= tokensPerRun) end++;
      await this.readLower(order.slice(first, end));
      await between?.();
      first = end;
    }
  }

  /**
   * Feeds of rows for a graph that begins at the adapter's first layer: the tokens or what the lower layers made of them,
   * the attention's inputs, and `rows`.
   */
  async feeds(rows: readonly ResponseRow[]): Promise<Record<string, RuntimeTensor>> {
    await this.read(rows);
    const { config } = this.parts;
    const time = Math.max(...rows.map(({ response }) => response.length));
    const positions = rows.flatMap(({ response }, b) => response.map((_, t) => b * time + t));
    const feeds = { rows: longs(positions), ...this.attentionFeeds(rows, time, this.from, config.layers) };
    if (this.from === 0) return { ...feeds, ids: ids(rows, time) };
    const { hiddenSize } = config;
    const all = new Float32Array(rows.length * time * hiddenSize);
    for (const [b, row] of rows.entries()) all.set(this.hidden.get(keyOf(row))!, b * time * hiddenSize);
    return { ...feeds, hidden: floats(all, [rows.length * time, hiddenSize]) };
  }

  private attentionFeeds(
    rows: readonly ResponseRow[],
    time: number,
    from: number,
    to: number,
  ): Record<string, RuntimeTensor> {
    const { keyValueHeads: heads, headDim } = this.parts.config;
    const states = rows.map(({ prompt }) => this.prompts.state(prompt));
    // One position that is never looked at, where no prompt has one: not every device takes a tensor without any.
    const past = Math.max(1, ...states.map((state) => state?.length ?? 0));
    const before = rows.map(({ prompt }) => prompt.length - 1);
    const feeds = responseFeeds(this.parts.config, before, past, time);
    for (let part = 2 * from; part < 2 * to; part++) {
      const data = new Uint16Array(rows.length * heads * past * headDim);
      for (const [b, state] of states.entries()) {
        if (!state) continue;
        const width = state.length * headDim;
        for (let h = 0; h < heads; h++) {
          const start = (part * heads + h) * width;
          data.set(state.bits.subarray(start, start + width), (b * heads + h) * past * headDim);
        }
      }
      const name = `past_${part % 2 ? 'value' : 'key'}_${part >> 1}`;
      feeds[name] = { type: 'float16', data, dims: [rows.length, heads, past, headDim] };
    }
    return feeds;
  }

  private async readLower(rows: readonly ResponseRow[]): Promise<void> {
    const { hiddenSize } = this.parts.config;
    const time = Math.max(...rows.map(({ response }) => response.length));
    const feeds = { ids: ids(rows, time), ...this.attentionFeeds(rows, time, 0, this.from) };
    const work = async () => (await this.open()).run(feeds);
    const out = await onWorkingDevice(this.parts, work, () => this.closeSession());
    const all = out.hidden!.data as Float32Array;
    for (const [b, row] of rows.entries()) {
      const start = b * time * hiddenSize;
      this.hidden.set(keyOf(row), all.slice(start, start + row.response.length * hiddenSize));
    }
  }

  private open(): Promise<Session> {
    const { parts } = this;
    const weights = parts.trainingWeights ?? parts.weights;
    this.session ??= compile(parts, weights, lowerGraph(parts.config, weights, this.from), { heavy: true });
    return this.session;
  }

  private async closeSession(): Promise<void> {
    const open = this.session;
    this.session = undefined;
    await open?.then((s) => s.close()).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.hidden.clear();
    await this.prompts.close();
    await this.closeSession();
  }
}

const keyOf = ({ prompt, response }: ResponseRow) => `${prompt.join()}|${response.join()}`;

/** The last token of the prompt and the response but for its last: what predicts each token of the response. */
function ids(rows: readonly ResponseRow[], time: number): RuntimeTensor {
  const all = rows.flatMap(({ prompt, response }) => {
    const own = [prompt.at(-1)!, ...response.slice(0, -1)];
    return [...own, ...Array<number>(time - own.length).fill(0)];
  });
  return longs(all, [rows.length, time]);
}
