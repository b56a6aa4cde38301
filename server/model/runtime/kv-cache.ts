/** Keys and values of tokens already read, in memory of fixed capacity: going back to a shorter text is only a smaller length. */
import { floats, type RuntimeTensor } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import { cachedHeadDim } from '../graphs/attention';

/** Keeps the longest common beginning with `prompt`, all but the last token of it at most. Returns its length. */
export function truncate(cache: { tokens: number[] }, prompt: readonly number[]): number {
  const limit = Math.min(cache.tokens.length, prompt.length - 1);
  let same = 0;
  while (same < limit && cache.tokens[same] === prompt[same]) same += 1;
  cache.tokens.length = same;
  return same;
}

/** Who has read the tokens of a cache. */
export interface CacheOwner {
  tokens: number[];
  /** Hash of the adapter that acted on all of them; null where the base model read the prompt. */
  adapter: string | null;
  /** The first position at which an adapter of response positions acted. */
  adaptedFrom: number;
}

/** What of a cache the next reader may use: of the base model's, all that no adapter touched; of an adapter that acts everywhere, only its own. */
const validFor = (cache: CacheOwner, next: Omit<CacheOwner, 'tokens'>): number => {
  if (cache.adapter !== next.adapter) return 0;
  return Math.min(cache.tokens.length, cache.adaptedFrom);
};

/**
 * Leaves what the next reader may use.
 * @param next its adapter, and where that begins to act; infinity where none does
 */
export function handOver(cache: CacheOwner, next: Omit<CacheOwner, 'tokens'>): void {
  const valid = validFor(cache, next);
  if (cache.tokens.length > valid) cache.tokens.length = valid;
  cache.adapter = next.adapter;
  cache.adaptedFrom = next.adaptedFrom;
}

/** How many tokens of a cache another one may take over for `ids`, of which the last is not read. */
export function shared(cache: CacheOwner, next: Omit<CacheOwner, 'tokens'>, ids: readonly number[]): number {
  const limit = Math.min(validFor(cache, next), next.adaptedFrom, ids.length - 1);
  let same = 0;
  while (same < limit && cache.tokens[same] === ids[same]) same += 1;
  return same;
}

/** Capacity grows in steps of this many tokens. */
const step = 256;

export class KeyValueCache implements CacheOwner {
  /** Tokens whose keys and values are in the cache. */
  tokens: number[] = [];
  adapter: string | null = null;
  adaptedFrom = Number.POSITIVE_INFINITY;
  private layers: { key: Float32Array; value: Float32Array }[] = [];
  private capacity = 0;
  private feeds: Record<string, RuntimeTensor> = {};
  private fetches: Record<string, RuntimeTensor> = {};

  /** @param memory of a layer's keys or values where it is a part of something larger: given a layer, and 0 for keys, 1 for values */
  constructor(
    private readonly config: ModelConfig,
    private readonly memory?: { capacity: number; of(layer: number, part: 0 | 1): Float32Array },
  ) {
    if (memory) this.lay(memory.capacity);
  }

  /** Makes room for `tokens` tokens, keeping what is there. */
  reserve(tokens: number): void {
    if (tokens > this.capacity) this.lay(Math.ceil(tokens / step) * step);
  }

  private lay(capacity: number): void {
    const { memory } = this;
    const { keyValueHeads: heads, layers } = this.config;
    const headDim = cachedHeadDim(this.config);
    const grow = (old: Float32Array | undefined) => {
      const grown = new Float32Array(heads * capacity * headDim);
      for (let h = 0; old && h < heads; h++) {
        const from = h * this.capacity * headDim;
        grown.set(old.subarray(from, from + this.tokens.length * headDim), h * capacity * headDim);
      }
      return grown;
    };
    this.layers = Array.from({ length: layers }, (_, i) => ({
      key: memory ? memory.of(i, 0) : grow(this.layers[i]?.key),
      value: memory ? memory.of(i, 1) : grow(this.layers[i]?.value),
    }));
    this.capacity = capacity;
    const dims = [1, heads, capacity, headDim];
    this.feeds = {};
    this.fetches = {};
    this.layers.forEach(({ key, value }, i) => {
      const [k, v] = [floats(key, dims), floats(value, dims)];
      this.feeds[`past_key_${i}`] = this.fetches[`present_key_${i}`] = k;
      this.feeds[`past_value_${i}`] = this.fetches[`present_value_${i}`] = v;
    });
  }

  /** Takes over the first `tokens` tokens of another cache of this model, in place of its own. */
  copyFrom(other: KeyValueCache, tokens: number): void {
    const { keyValueHeads: heads } = this.config;
    const headDim = cachedHeadDim(this.config);
    this.reserve(tokens);
    for (const [i, layer] of this.layers.entries()) {
      for (const part of ['key', 'value'] as const) {
        for (let h = 0; h < heads; h++) {
          const from = h * other.capacity * headDim;
          const values = other.layers[i]![part].subarray(from, from + tokens * headDim);
          layer[part].set(values, h * this.capacity * headDim);
        }
      }
    }
    this.tokens = other.tokens.slice(0, tokens);
  }

  get pastFeeds(): Record<string, RuntimeTensor> {
    return this.feeds;
  }

  get presentFetches(): Record<string, RuntimeTensor> {
    return this.fetches;
  }

  /** A run has written where it was told to. */
  advance(): void {}

  close(): void {}
}
