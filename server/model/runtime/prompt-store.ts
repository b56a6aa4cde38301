/**
 * Keys and values of prompts, read once by the base model and kept in half precision: in memory up to a limit, then in a file
 * that goes with the store.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { longs, type RuntimeTensor, type Session } from '../../graph/runtime';
import { fullAttentionFeeds } from '../graphs/attention';
import { leastTime } from '../graphs/causal-attention';
import { promptGraph } from '../graphs/response';
import { availableMemory } from './memory';
import { compile, type ModelParts, onWorkingDevice } from './sessions';

/** Padded tokens read in one run: it cannot be interrupted. */
const tokensPerRun = 768;
/** Of the memory that is there, what is kept in it. */
const memoryShare = 0.15;

/** Of a prompt without its last token: [2 · layers, keyValueHeads, length, headDim], keys and values by turns, as float16 bits. */
export interface PromptState {
  length: number;
  bits: Uint16Array;
}

export class PromptStore {
  private readonly kept = new Map<string, PromptState | { length: number; offset: number }>();
  private session: Promise<Session> | undefined;
  private inMemory = 0;
  private file: { folder: string; descriptor: number; size: number } | undefined;

  /** @param limit bytes kept in memory */
  constructor(
    private readonly parts: ModelParts,
    private readonly limit = memoryShare * availableMemory(),
  ) {}

  /** Reads those that are not there yet. @param between is called between runs */
  async read(prompts: readonly (readonly number[])[], between?: () => Promise<void>): Promise<void> {
    const missing = new Map<string, readonly number[]>();
    for (const prompt of prompts) {
      const ids = prompt.slice(0, -1);
      const key = ids.join();
      if (ids.length > 0 && !this.kept.has(key)) missing.set(key, ids);
    }
    const order = [...missing.values()].sort((a, b) => a.length - b.length);
    for (let from = 0; from < order.length; ) {
      let to = from + 1;
      while (to < order.length && (to + 1 - from) * order[to]!.length <= tokensPerRun) to++;
      await this.readBatch(order.slice(from, to));
      await between?.();
      from = to;
    }
  }

  /** What was read of a prompt; null of one that is a single token. */
  state(prompt: readonly number[]): PromptState | null {
    if (prompt.length < 2) return null;
    const found = this.kept.get(prompt.slice(0, -1).join());
    if (!found) throw new Error('The prompt has not been read.');
    if ('bits' in found) return found;
    const bits = new Uint16Array(this.values(found.length));
    readSync(this.file!.descriptor, new Uint8Array(bits.buffer), 0, bits.byteLength, found.offset);
    return { length: found.length, bits };
  }

  /** Values kept for a prompt of so many tokens. */
  private values(length: number): number {
    const { layers, keyValueHeads, headDim } = this.parts.config;
    return 2 * layers * keyValueHeads * length * headDim;
  }

  private async readBatch(prompts: readonly (readonly number[])[]): Promise<void> {
    const { config } = this.parts;
    const time = Math.max(leastTime, ...prompts.map((ids) => ids.length));
    const ids = prompts.flatMap((prompt) => [...prompt, ...Array<number>(time - prompt.length).fill(0)]);
    const feeds = { ids: longs(ids, [prompts.length, time]), ...fullAttentionFeeds(config, time) };
    const work = async () => (await this.open()).run(feeds);
    const out = await onWorkingDevice(this.parts, work, () => this.closeSession());
    for (const [row, prompt] of prompts.entries()) {
      this.keep(prompt.join(), { length: prompt.length, bits: this.cut(out, row, prompt.length, time) });
    }
  }

  private cut(out: Record<string, RuntimeTensor>, row: number, length: number, time: number): Uint16Array {
    const { layers, keyValueHeads: heads, headDim } = this.parts.config;
    const bits = new Uint16Array(this.values(length));
    let at = 0;
    for (let i = 0; i < layers; i++) {
      for (const name of [`key_${i}`, `value_${i}`]) {
        const all = halfBitsOf(out[name]!);
        for (let h = 0; h < heads; h++) {
          const from = (row * heads + h) * time * headDim;
          bits.set(all.subarray(from, from + length * headDim), at);
          at += length * headDim;
        }
      }
    }
    return bits;
  }

  private keep(key: string, state: PromptState): void {
    if (this.inMemory + state.bits.byteLength <= this.limit) {
      this.inMemory += state.bits.byteLength;
      this.kept.set(key, state);
      return;
    }
    if (!this.file) {
      const folder = mkdtempSync(join(tmpdir(), 'hindsight-prompts-'));
      this.file = { folder, descriptor: openSync(join(folder, 'prompts'), 'w+', 0o600), size: 0 };
    }
    const { descriptor, size } = this.file;
    const bytes = new Uint8Array(state.bits.buffer);
    writeSync(descriptor, bytes, 0, bytes.length, size);
    this.file.size += bytes.length;
    this.kept.set(key, { length: state.length, offset: size });
  }

  private open(): Promise<Session> {
    const { parts } = this;
    const weights = parts.decodeWeights ?? parts.weights;
    this.session ??= compile(parts, weights, promptGraph(parts.config, weights), {
      heavy: true,
      rearranged: weights !== parts.weights,
    });
    return this.session;
  }

  private async closeSession(): Promise<void> {
    const open = this.session;
    this.session = undefined;
    await open?.then((s) => s.close()).catch(() => undefined);
  }

  async close(): Promise<void> {
    this.kept.clear();
    if (this.file) {
      closeSync(this.file.descriptor);
      rmSync(this.file.folder, { recursive: true, force: true });
      this.file = undefined;
    }
    await this.closeSession();
  }
}

/** The bits, whatever the runtime wraps them in. */
function halfBitsOf({ data }: RuntimeTensor): Uint16Array {
  return new Uint16Array(data.buffer, data.byteOffset, data.length);
}
