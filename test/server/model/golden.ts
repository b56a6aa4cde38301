/** The reference cases under test/fixtures/golden. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFloats, readHeader, readIntegers } from '../../../server/model/files/safetensors';

export const goldenRoot = join(process.cwd(), 'test/fixtures/golden');
export const goldenNames = ['qwen2', 'llama-tied', 'llama-linear-rope-untied', 'qwen3-bf16', 'starcoder2'];
export const golden = (name: string) => join(goldenRoot, name);

export interface Expected {
  losses: Record<string, number>;
  tokenizer: { text: string; ids: number[]; decoded: string }[];
}

export function expected(name: string): Expected {
  return JSON.parse(readFileSync(join(golden(name), 'expected.json'), 'utf8'));
}

export function expectedTensors(name: string) {
  const { tensors } = readHeader(join(golden(name), 'expected.safetensors'));
  return {
    names: [...tensors.keys()],
    floats: (key: string) => readFloats(tensors.get(key)!),
    ids: (key: string) => readIntegers(tensors.get(key)!),
  };
}

/** Largest absolute difference, and the largest absolute value of `want`. */
export function compare(got: ArrayLike<number>, want: ArrayLike<number>): { error: number; largest: number } {
  if (got.length !== want.length) throw new Error(`lengths ${got.length} and ${want.length} differ`);
  let error = 0;
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    const d = Math.abs(got[i]! - want[i]!);
    error = Number.isNaN(d) ? Number.POSITIVE_INFINITY : Math.max(error, d);
    largest = Math.max(largest, Math.abs(want[i]!));
  }
  return { error, largest };
}
