/** LoRA factors as inputs of a graph. */
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import { floats, type RuntimeTensor } from '../../graph/runtime';
import type { LoraFactors } from '../adapter';
import type { LinearModule } from '../architectures/linear-modules';

/** LoRA factors of one module in the graph: A [rank, inputs], B [outputs, rank], and a scalar factor where it is not folded into B. */
export interface LoraInputs {
  a: Value;
  b: Value;
  scale?: Value;
  /** [tokens, 1]: 1 where the adapter acts, 0 elsewhere; absent where it acts on all. */
  positions?: Value;
}

/**
 * Declares inputs for the factors of these modules. `scale` adds a vector of factors, `lora_scale`, one per module in
 * order; `positions` adds `lora_positions` [tokens, 1], 1 where the adapter acts and 0 elsewhere.
 */
export function declareLora(
  g: GraphBuilder,
  modules: readonly LinearModule[],
  options: { scale: boolean; positions: boolean },
): Map<string, LoraInputs> {
  const scales =
    options.scale && modules.length ? g.input('lora_scale', 'float32', [modules.length]) : undefined;
  const positions =
    options.positions && modules.length ? g.input('lora_positions', 'float32', ['tokens', 1]) : undefined;
  return new Map(
    modules.map((m, i): [string, LoraInputs] => {
      const rank = `rank_${m.name}`;
      const a = g.input(`a.${m.name}`, 'float32', [rank, m.inputs]);
      const b = g.input(`b.${m.name}`, 'float32', [m.outputs, rank]);
      return [m.name, { a, b, scale: scales && g.gather(scales, g.int(i)), positions }];
    }),
  );
}

/** Feeds for `declareLora` without `scale`: the factor is folded into B; modules the adapter leaves alone get rank-1 zeros. */
export function foldedLoraFeeds(
  factors: ReadonlyMap<string, LoraFactors>,
  modules: readonly LinearModule[],
): Record<string, RuntimeTensor> {
  const feeds: Record<string, RuntimeTensor> = {};
  for (const m of modules) {
    const f = factors.get(m.name);
    const rank = f?.rank ?? 1;
    feeds[`a.${m.name}`] = floats(f?.a ?? new Float32Array(m.inputs), [rank, m.inputs]);
    const b = f ? f.b.map((x) => x * f.scale) : new Float32Array(m.outputs);
    feeds[`b.${m.name}`] = floats(b, [m.outputs, rank]);
  }
  return feeds;
}

/** Feed of `lora_positions` for rows of `time` tokens, one after the other, each with the first position that the adapter acts on. */
export function positionFeed(firsts: readonly number[], time: number): RuntimeTensor {
  const active = new Float32Array(firsts.length * time);
  for (const [row, first] of firsts.entries())
    active.fill(1, row * time + Math.min(first, time), (row + 1) * time);
  return floats(active, [active.length, 1]);
}
