/** The graph that reads new tokens after a key-value cache and gives logits at chosen positions. */
import { GraphBuilder } from '../../graph/operators';
import type { Device } from '../../graph/runtime';
import type { ModelConfig } from '../architectures/config';
import type { LinearModule } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { cachedAttention } from './attention';
import { declareLora } from './lora';
import { plainCachedAttention } from './plain-cached-attention';
import { Transformer } from './transformer';

/**
 * On the CPU with the fused attention over memory of fixed capacity, on other devices with plain operators.
 * Inputs: `ids` [batch, time], `rows` [rows] flat positions among the new tokens, those of the attention, LoRA factors.
 * `exact` multiplies quantized weights in float32.
 * Outputs: `logits` [rows, vocabulary] and the caches.
 */
export function decodeGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
  positions = false,
  device: Device = 'cpu',
  exact = false,
): GraphBuilder {
  const g = new GraphBuilder('decode');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const rows = g.input('rows', 'int64', ['rows']);
  const transformer = new Transformer(g, c, weights, declareLora(g, targets, { scale: false, positions }), {
    training: false,
    exact,
    float16: weights.isFloat16,
  });
  const attention = device === 'cpu' ? cachedAttention : plainCachedAttention;
  g.output('logits', transformer.logits(ids, rows, attention(g, c, ids)));
  return g;
}
