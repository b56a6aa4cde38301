/** Text from a prompt, token by token, with the keys and values of earlier requests reused. */
import { logSumExp } from '../../base/logits';
import { seededRandom } from '../../base/random';
import { floats, longs, type RuntimeTensor, tensor } from '../../graph/runtime';
import { rotaryTables } from '../architectures/rope';
import { ModelError } from '../errors';
import { rotatesInside } from '../graphs/attention';
import { decodeGraph } from '../graphs/decode';
import { positionFeed } from '../graphs/lora';
import { plainCachedFeeds } from '../graphs/plain-cached-attention';
import type { Adapter, Decoder, GenerateRequest, Generation, LikelihoodRequest } from '../types';
import { decodeTogether } from './decode-together';
import { DeviceCache, presentNames } from './device-kv-cache';
import { type CacheOwner, handOver, KeyValueCache, shared, truncate } from './kv-cache';
import { PromptLookup } from './prompt-lookup';
import { sample } from './sampler';
import { checkIds } from './scorer';
import {
  AdaptedSessions,
  type GraphCompiler,
  type ModelParts,
  onWorkingDevice,
  type Prepared,
} from './sessions';

/** Tokens in one run of the prompt: between runs a cancelled request stops. */
const chunk = 256;
/** Documents whose caches are kept. */
const keptCaches = 4;

type Cache = KeyValueCache | DeviceCache;

export class SessionDecoder implements Decoder {
  private readonly sessions: AdaptedSessions;
  private readonly caches = new Map<string, Cache>();
  private adapter: Adapter | null = null;
  private tables: { length: number; feeds: Record<string, RuntimeTensor> } | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  /** @param onlyOne the adapter changes seldom: what is compiled for the one before does not stay in memory */
  constructor(
    private readonly parts: ModelParts,
    onlyOne = false,
  ) {
    const graph: GraphCompiler = (c, w, targets, positions, device) =>
      decodeGraph(c, w, targets, positions, device, parts.exactDecoding);
    this.sessions = new AdaptedSessions(parts, graph, {
      rearranged: true,
      weights: () => parts.decodeWeights,
      keepOnDevice: presentNames(parts.config),
      uploadAdapter: true,
      onlyOne,
    });
  }

  /** Compiled graphs that are in memory, each with what it holds of the weights. */
  get openSessions(): number {
    return this.sessions.open;
  }

  setAdapter(adapter: Adapter | null): void {
    this.adapter = adapter;
  }

  /** Requests run one after the other: they share caches and the device. */
  generate(request: GenerateRequest): Promise<Generation> {
    return this.next(() =>
      onWorkingDevice(
        this.parts,
        () => this.run(request),
        () => this.reset(),
      ),
    );
  }

  likelihoods(request: LikelihoodRequest): Promise<number[][] | null> {
    return this.next(() =>
      onWorkingDevice(
        this.parts,
        () => this.readResponses(request),
        () => this.reset(),
      ),
    );
  }

  private next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private async reset(): Promise<void> {
    this.forget();
    await this.sessions.close();
  }

  async generateBatch(requests: readonly GenerateRequest[]): Promise<Generation[]> {
    if (this.parts.device === 'cpu' && requests.length > 1) return this.next(() => this.runBatch(requests));
    const out: Generation[] = [];
    // Samples of one prompt follow each other: all but the first find it in the cache.
    for (const request of requests) out.push(await this.generate({ cacheKey: 'batch', ...request }));
    return out;
  }

  private async runBatch(requests: readonly GenerateRequest[]): Promise<Generation[]> {
    const { adapter, parts } = this;
    const prepared = await this.sessions.prepare(adapter);
    const read = (cache: KeyValueCache, { prompt, begun = [], cacheKey }: GenerateRequest) => {
      const known = this.caches.get(cacheKey ?? '');
      const ids = [...prompt, ...begun];
      const owner = this.owner(prompt);
      if (cacheKey !== undefined && known instanceof KeyValueCache)
        cache.copyFrom(known, shared(known, owner, ids));
      cache.adaptedFrom = owner.adaptedFrom;
      return this.readAll(prepared, cache, ids.slice(cache.tokens.length, -1));
    };
    const rotary = (total: number) => this.rotary(total);
    return decodeTogether({ parts, prepared, read, rotary, noNumbers: () => this.noNumbers() }, requests);
  }

  /** Reads tokens in pieces; nothing is done where there are none. */
  private async readAll(prepared: Prepared, cache: Cache, tokens: readonly number[]): Promise<void> {
    for (let from = 0; from < tokens.length; from += chunk)
      await this.prefill(prepared, cache, tokens.slice(from, from + chunk), 1);
  }

  /** Who will have read a cache behind this prompt. */
  private owner(prompt: readonly number[]): Omit<CacheOwner, 'tokens'> {
    const { adapter } = this;
    return {
      adapter: adapter && !adapter.positions ? adapter.hash : null,
      adaptedFrom: adapter?.positions === 'response' ? prompt.length - 1 : Number.POSITIVE_INFINITY,
    };
  }

  /** The cache of a prompt, with what is true of it for the adapter in use, and room for so many tokens. */
  private async open(prompt: readonly number[], cacheKey: string | undefined, tokens: number) {
    if (prompt.length === 0) throw new ModelError('The prompt is empty: give at least one token.');
    checkIds(prompt, this.parts.config.vocabularySize);
    const prepared = await this.sessions.prepare(this.adapter);
    const cache = this.cache(cacheKey ?? '', tokens);
    if (cacheKey === undefined) cache.tokens.length = 0;
    // What was written the last time is a prompt now.
    handOver(cache, this.owner(prompt));
    return { prepared, cache };
  }

  private async readResponses(request: LikelihoodRequest): Promise<number[][] | null> {
    const { prompt, responses, cacheKey, signal } = request;
    const longest = Math.max(0, ...responses.map(({ ids }) => ids.length));
    const { prepared, cache } = await this.open(prompt, cacheKey, prompt.length + longest);
    const out: number[][] = [];
    for (const { ids, from } of responses) {
      checkIds(ids, this.parts.config.vocabularySize);
      const count = ids.length - from;
      if (count <= 0) {
        out.push([]);
        continue;
      }
      // What is asked for is predicted by the token before it, so that one is read in any case.
      const text = [...prompt, ...ids.slice(0, -1)];
      let next: readonly number[] = text.slice(truncate(cache, text.slice(0, text.length - count + 1)));
      for (; next.length - count >= chunk; next = next.slice(chunk)) {
        if (signal?.aborted) return null;
        await this.prefill(prepared, cache, next.slice(0, chunk), 1);
      }
      if (signal?.aborted) return null;
      const rows = await this.prefill(prepared, cache, next, count);
      out.push(rows.map((row, i) => row[ids[from + i]!]! - logSumExp(row)));
      if (out.at(-1)!.some(Number.isNaN)) throw this.noNumbers();
    }
    return out;
  }

  private async run(request: GenerateRequest): Promise<Generation> {
    const { maxTokens, signal, begun = [] } = request;
    checkIds(begun, this.parts.config.vocabularySize);
    const prompt = [...request.prompt, ...begun];
    const { prepared, cache } = await this.open(request.prompt, request.cacheKey, prompt.length + maxTokens);
    const random = seededRandom(request.seed ?? 0);
    const result: Generation = {
      ids: [],
      logProbs: [],
      reason: 'length',
      reusedTokens: truncate(cache, prompt),
      runs: 0,
      ...(request.alternatives ? { alternatives: [] } : {}),
    };
    const atFirst = [...(request.bannedIds ?? []), ...(request.bannedFirstIds ?? [])];
    const drafting = request.speculate !== false && !request.temperature;
    const lookup = drafting ? new PromptLookup(prompt, request.lookups) : undefined;
    let next: readonly number[] = prompt.slice(result.reusedTokens);
    let draft: readonly number[] = drafting ? (request.draft ?? []).slice(0, maxTokens - 1) : [];
    while (result.ids.length < maxTokens) {
      for (; next.length > chunk; next = next.slice(chunk)) {
        if (signal?.aborted) return { ...result, reason: 'cancelled' };
        await this.prefill(prepared, cache, next.slice(0, chunk), 1);
      }
      if (signal?.aborted) return { ...result, reason: 'cancelled' };
      const rows = await this.prefill(prepared, cache, [...next, ...draft], draft.length + 1);
      result.runs += 1;
      if (signal?.aborted) return { ...result, reason: 'cancelled' };
      cache.tokens.length -= draft.length;
      // Row i follows the i-th draft token; as long as the draft was right, its row is as good as one run more.
      for (let i = 0; i <= draft.length; i++) {
        if (i > 0) cache.tokens.push(draft[i - 1]!);
        const written = result.ids.length;
        const bannedIds = written === (request.bannedFirstAt ?? 0) ? atFirst : request.bannedIds;
        const allowedIds = request.allowedIds?.(result.ids);
        const { id, logProb, others } = sample(rows[i]!, { ...request, bannedIds, allowedIds, random });
        if (Number.isNaN(logProb)) throw this.noNumbers();
        result.logProbs.push(logProb);
        result.alternatives?.push(others);
        if (request.stopIds.includes(id)) return { ...result, reason: 'stop' };
        result.ids.push(id);
        lookup?.push(id);
        if (request.onToken?.(id, result.ids)) return { ...result, reason: 'caller' };
        if (signal?.aborted) return { ...result, reason: 'cancelled' };
        next = [id];
        if (result.ids.length === maxTokens || id !== draft[i]) break;
      }
      draft = lookup?.draft().slice(0, maxTokens - result.ids.length - 1) ?? [];
    }
    return result;
  }

  private noNumbers(): ModelError {
    const { directory } = this.parts.weights;
    return new ModelError(
      this.adapter
        ? `The model in ${directory} computes no numbers (NaN) with its adapter: go back to the base model, and train the adapter again.`
        : `The model in ${directory} computes no numbers (NaN): its weights are damaged, download them again.`,
    );
  }

  /** Runs new tokens through the model; the logits after each of the last `count` of them, [vocabulary] each. */
  private async prefill(
    prepared: Prepared,
    cache: Cache,
    ids: readonly number[],
    count: number,
  ): Promise<Float32Array[]> {
    const past = cache.tokens.length;
    const total = past + ids.length;
    const feeds: Record<string, RuntimeTensor> = {
      ids: longs(ids, [1, ids.length]),
      rows: longs(Array.from({ length: count }, (_, i) => ids.length - count + i)),
      ...this.attentionFeeds(cache, past, total),
      ...cache.pastFeeds,
      ...prepared.lora,
      ...(prepared.positions
        ? { lora_positions: positionFeed([Math.max(0, cache.adaptedFrom - past)], ids.length) }
        : {}),
    };
    const out = await prepared.session.run(feeds, { logits: null, ...cache.presentFetches });
    cache.advance(out);
    cache.tokens.push(...ids);
    const logits = out.logits!.data as Float32Array;
    const width = logits.length / count;
    return Array.from({ length: count }, (_, i) => logits.subarray(i * width, (i + 1) * width));
  }

  private attentionFeeds(cache: Cache, past: number, total: number): Record<string, RuntimeTensor> {
    const { config } = this.parts;
    const tables = this.rotary(total);
    if (cache instanceof DeviceCache) {
      const numbers = (name: string) => tables[name]!.data as Float32Array;
      return plainCachedFeeds(config, past, total - past, { cos: numbers('cos'), sin: numbers('sin') });
    }
    const positions = Array.from({ length: total - past }, (_, i) => past + i);
    return {
      last: tensor('int32', Int32Array.of(total - 1), [1]),
      total: tensor('int32', Int32Array.of(total), []),
      ...tables,
      ...(rotatesInside(config) ? {} : { position: longs(positions, [1, positions.length]) }),
    };
  }

  private cache(key: string, tokens: number): Cache {
    const { config, device } = this.parts;
    const cache =
      this.caches.get(key) ?? (device === 'cpu' ? new KeyValueCache(config) : new DeviceCache(config));
    this.caches.delete(key);
    this.caches.set(key, cache);
    for (const oldest of this.caches.keys()) {
      if (this.caches.size <= keptCaches) break;
      this.caches.get(oldest)!.close();
      this.caches.delete(oldest);
    }
    if (cache instanceof KeyValueCache) cache.reserve(tokens);
    return cache;
  }

  private forget(): void {
    for (const cache of this.caches.values()) cache.close();
    this.caches.clear();
  }

  /** Tables for at least `total` positions. Past its context a dynamic rotation depends on the length itself. */
  private rotary(total: number): Record<string, RuntimeTensor> {
    const { rope } = this.parts.config;
    const exact = rope.kind === 'dynamic' && total > rope.contextLength;
    if (!exact && this.tables && this.tables.length >= total) return this.tables.feeds;
    const length = exact ? total : Math.ceil(total / 1024) * 1024;
    const { cos, sin } = rotaryTables(rope, length, total);
    const dims = [length, rope.headDim / 2];
    const feeds = { cos: floats(cos, dims), sin: floats(sin, dims) };
    if (!exact) this.tables = { length, feeds };
    return feeds;
  }

  async close(): Promise<void> {
    await this.queue;
    this.forget();
    await this.sessions.close();
  }
}
