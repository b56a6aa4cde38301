/** Several texts written together, one token of each a run: the weights are read once for all of them. On the CPU. */
import { seededRandom } from '../../base/random';
import { floats, longs, type RuntimeTensor, tensor } from '../../graph/runtime';
import { ModelError } from '../errors';
import { cachedHeadDim, rotatesInside } from '../graphs/attention';
import { positionFeed } from '../graphs/lora';
import type { GenerateRequest, Generation } from '../types';
import { KeyValueCache } from './kv-cache';
import { sample } from './sampler';
import { checkIds } from './scorer';
import type { ModelParts, Prepared } from './sessions';

/** Texts at a time: each has a cache of its own. */
const mostTogether = 12;

export interface BatchParts {
  parts: ModelParts;
  prepared: Prepared;
  /** Reads all of a request's prompt, and of what the response begins with, but the last token into a cache. */
  read(cache: KeyValueCache, request: GenerateRequest): Promise<void>;
  rotary(total: number): Record<string, RuntimeTensor>;
  /** What is thrown where the model computes no numbers. */
  noNumbers(): Error;
}

/** Results in the order of the requests. Caches are not kept, and nothing is drafted. */
export async function decodeTogether(
  parts: BatchParts,
  requests: readonly GenerateRequest[],
): Promise<Generation[]> {
  const out: Generation[] = [];
  for (let from = 0; from < requests.length; from += mostTogether) {
    const batch = new Batch(parts, requests.slice(from, from + mostTogether));
    out.push(...(await batch.run()));
  }
  return out;
}

/** One text that is being written. */
interface Row {
  request: GenerateRequest;
  result: Generation;
  random: () => number;
  /** Tokens in the cache. */
  length: number;
  next: number;
}

class Batch {
  /** Of each layer, keys and values by turns: [rows, keyValueHeads, capacity, headDim]. */
  private readonly memory: Float32Array[];
  private readonly capacity: number;
  /** Values of one row in each of them. */
  private readonly rowSize: number;
  /** Those that go on, in the order of their memory. */
  private active: Row[] = [];

  constructor(
    private readonly parts: BatchParts,
    private readonly requests: readonly GenerateRequest[],
  ) {
    const { config } = parts.parts;
    this.capacity = Math.max(
      ...requests.map(({ prompt, begun = [], maxTokens }) => prompt.length + begun.length + maxTokens),
    );
    this.rowSize = config.keyValueHeads * this.capacity * cachedHeadDim(config);
    this.memory = Array.from(
      { length: 2 * config.layers },
      () => new Float32Array(requests.length * this.rowSize),
    );
  }

  async run(): Promise<Generation[]> {
    const rows = await this.readPrompts();
    this.active = rows.filter(({ request }) => request.maxTokens > 0);
    while (this.active.length > 0) {
      const logits = await this.step();
      // From the back, so that who takes a finished row's place has had its turn.
      for (let i = this.active.length - 1; i >= 0; i--) {
        if (!this.write(this.active[i]!, logits[i]!)) this.remove(i);
      }
    }
    return rows.map(({ result }) => result);
  }

  /** Each prompt is read once, however many texts begin with it. */
  private async readPrompts(): Promise<Row[]> {
    const { config } = this.parts.parts;
    const read = new Map<string, number>();
    const rows: Row[] = [];
    for (const [i, request] of this.requests.entries()) {
      const { begun = [] } = request;
      const prompt = [...request.prompt, ...begun];
      if (request.prompt.length === 0) throw new ModelError('The prompt is empty: give at least one token.');
      checkIds(prompt, config.vocabularySize);
      const key = `${prompt.join()} ${begun.length}`;
      const same = read.get(key);
      if (same === undefined) {
        const of = (layer: number, part: 0 | 1) => this.rowOf(this.memory[2 * layer + part]!, i);
        await this.parts.read(new KeyValueCache(config, { capacity: this.capacity, of }), request);
        read.set(key, i);
      } else for (const all of this.memory) this.rowOf(all, i).set(this.rowOf(all, same));
      rows.push({
        request,
        result: {
          ids: [],
          logProbs: [],
          reason: 'length',
          reusedTokens: same === undefined ? 0 : prompt.length - 1,
          runs: 0,
          ...(request.alternatives ? { alternatives: [] } : {}),
        },
        random: seededRandom(request.seed ?? 0),
        length: prompt.length - 1,
        next: prompt.at(-1)!,
      });
    }
    return rows;
  }

  private rowOf(all: Float32Array, row: number): Float32Array {
    return all.subarray(row * this.rowSize, (row + 1) * this.rowSize);
  }

  /** Reads the next token of every row; the logits behind each. */
  private async step(): Promise<Float32Array[]> {
    const { config } = this.parts.parts;
    const { session, lora, positions } = this.parts.prepared;
    const count = this.active.length;
    const lengths = this.active.map(({ length }) => length);
    const total = Math.max(...lengths) + 1;
    const feeds: Record<string, RuntimeTensor> = {
      ids: longs(
        this.active.map(({ next }) => next),
        [count, 1],
      ),
      rows: longs(lengths.map((_, i) => i)),
      last: tensor('int32', Int32Array.from(lengths), [count]),
      total: tensor('int32', Int32Array.of(total), []),
      ...this.parts.rotary(total),
      ...(rotatesInside(config) ? {} : { position: longs(lengths, [count, 1]) }),
      ...lora,
      ...(positions ? { lora_positions: positionFeed(Array<number>(count).fill(0), 1) } : {}),
    };
    const fetches: Record<string, RuntimeTensor | null> = { logits: null };
    const dims = [count, config.keyValueHeads, this.capacity, cachedHeadDim(config)];
    for (const [i, all] of this.memory.entries()) {
      const value = floats(all.subarray(0, count * this.rowSize), dims);
      const name = `${i % 2 ? 'value' : 'key'}_${i >> 1}`;
      feeds[`past_${name}`] = fetches[`present_${name}`] = value;
    }
    const logits = (await session.run(feeds, fetches)).logits!.data as Float32Array;
    const width = logits.length / count;
    return lengths.map((_, i) => logits.subarray(i * width, (i + 1) * width));
  }

  /** Writes a row's next token. @returns whether it goes on */
  private write(row: Row, logits: Float32Array): boolean {
    const { request, result, random } = row;
    row.length += 1;
    result.runs += 1;
    if (request.signal?.aborted) {
      result.reason = 'cancelled';
      return false;
    }
    const atFirst = result.ids.length === (request.bannedFirstAt ?? 0);
    const bannedIds = [...(request.bannedIds ?? []), ...(atFirst ? (request.bannedFirstIds ?? []) : [])];
    const allowedIds = request.allowedIds?.(result.ids);
    const { id, logProb, others } = sample(logits, { ...request, bannedIds, allowedIds, random });
    if (Number.isNaN(logProb)) throw this.parts.noNumbers();
    result.logProbs.push(logProb);
    result.alternatives?.push(others);
    if (request.stopIds.includes(id)) {
      result.reason = 'stop';
      return false;
    }
    result.ids.push(id);
    row.next = id;
    if (request.onToken?.(id, result.ids)) {
      result.reason = 'caller';
      return false;
    }
    return result.ids.length < request.maxTokens;
  }

  /** The last row takes a finished one's place. */
  private remove(row: number): void {
    const last = this.active.length - 1;
    if (row < last) {
      for (const all of this.memory) this.rowOf(all, row).set(this.rowOf(all, last));
      this.active[row] = this.active[last]!;
    }
    this.active.pop();
  }
}
