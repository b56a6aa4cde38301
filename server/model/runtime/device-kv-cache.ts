/** Keys and values of tokens already read, as a run left them: in the device's memory, where its interface allows that. */
import { floats, type RuntimeTensor, release } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import type { CacheOwner } from './kv-cache';

/** The graph's outputs that hold keys and values. */
export function presentNames(config: ModelConfig): string[] {
  return Array.from({ length: config.layers }, (_, i) => [`present_key_${i}`, `present_value_${i}`]).flat();
}

export class DeviceCache implements CacheOwner {
  /** Tokens whose keys and values are in the cache; behind them may lie others, which the next run leaves out. */
  tokens: number[] = [];
  adapter: string | null = null;
  adaptedFrom = Number.POSITIVE_INFINITY;
  readonly pastFeeds: Record<string, RuntimeTensor> = {};
  readonly presentFetches: Record<string, null> = {};

  constructor({ layers, keyValueHeads, headDim }: ModelConfig) {
    for (let i = 0; i < layers; i++) {
      for (const part of ['key', 'value']) {
        // One row that is never read: not every device takes a tensor without any.
        const none = floats(new Float32Array(keyValueHeads * headDim), [1, keyValueHeads, 1, headDim]);
        this.pastFeeds[`past_${part}_${i}`] = none;
        this.presentFetches[`present_${part}_${i}`] = null;
      }
    }
  }

  /** Takes over what a run left. */
  advance(outputs: Record<string, RuntimeTensor>): void {
    for (const name of Object.keys(this.presentFetches)) {
      const past = name.replace('present', 'past');
      release(this.pastFeeds[past]!);
      this.pastFeeds[past] = outputs[name]!;
    }
  }

  /** Gives the device's memory back. */
  close(): void {
    for (const value of Object.values(this.pastFeeds)) release(value);
  }
}
