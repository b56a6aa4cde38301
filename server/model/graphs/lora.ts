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
}

/** Declares inputs for the factors of these modules; `scale` adds a vector of factors, one per module in order. */
export function declareLora(
  g: GraphBuilder,
  modules: readonly LinearModule[],
  options: { scale: boolean },
): Map<string, LoraInputs> {
  const scales =
    options.scale && modules.length ? g.input('lora_scale', 'float32', [modules.length]) : undefined;
  return new Map(
    modules.map((m, i): [string, LoraInputs] => {
      const rank = `rank_${m.name}`;
      const a = g.input(`a.${m.name}`, 'float32', [rank, m.inputs]);
      const b = g.input(`b.${m.name}`, 'float32', [m.outputs, rank]);
      return [m.name, { a, b, scale: scales && g.gather(scales, g.int(i)) }];
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
