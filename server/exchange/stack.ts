/** Two adapters as one: a team's and one's own, of the sum of their ranks. */
import { makeAdapter, tensorName } from '../model/adapter';
import type { Adapter } from '../model/types';

/** PEFT's names of the modules that an adapter changes. */
const modulesOf = ({ tensors }: Adapter): string[] =>
  [...tensors.keys()].flatMap((name) => /^base_model\.model\.(.+)\.lora_A\.weight$/.exec(name)?.[1] ?? []);

/**
 * ΔW = s₁·B₁A₁ + s₂·B₂A₂ as one product: A = [A₁; A₂], B = [s₁B₁, s₂B₂] at a scale of 1.
 * @throws Error where one acts on responses only and the other everywhere: their sum is neither
 */
export function stackAdapters(first: Adapter, second: Adapter): Adapter {
  if (first.positions !== second.positions)
    throw new Error(
      'One adapter acts on responses only, the other everywhere, so they cannot be used together: choose one of them.',
    );
  const tensors: Adapter['tensors'] = new Map();
  const ranks = new Map<string, number>();
  const modules = [...new Set([...modulesOf(first), ...modulesOf(second)])];
  for (const module of modules) {
    const parts = [first, second].flatMap((adapter) => {
      const a = adapter.tensors.get(tensorName(module, 'A'));
      const b = adapter.tensors.get(tensorName(module, 'B'));
      if (!a || !b) return [];
      return [{ a, b, scale: adapter.scales?.get(module) ?? adapter.alpha / adapter.rank }];
    });
    const inputs = parts[0]!.a.shape[1]!;
    const outputs = parts[0]!.b.shape[0]!;
    const rank = parts.reduce((sum, { a }) => sum + a.shape[0]!, 0);
    const a = new Float32Array(rank * inputs);
    const b = new Float32Array(outputs * rank);
    let at = 0;
    for (const part of parts) {
      const own = part.a.shape[0]!;
      a.set(part.a.data, at * inputs);
      for (let o = 0; o < outputs; o++)
        for (let r = 0; r < own; r++) b[o * rank + at + r] = part.scale * part.b.data[o * own + r]!;
      at += own;
    }
    tensors.set(tensorName(module, 'A'), { shape: [rank, inputs], data: a });
    tensors.set(tensorName(module, 'B'), { shape: [outputs, rank], data: b });
    ranks.set(module, rank);
  }
  const rank = Math.max(...ranks.values());
  return makeAdapter({
    rank,
    alpha: rank,
    tensors,
    ...(first.positions ? { positions: first.positions } : {}),
    // Modules of another rank have the scale of 1 as well.
    scales: new Map([...ranks].filter(([, own]) => own !== rank).map(([module]) => [module, 1])),
  });
}
