/** The graph that reads new tokens after a key-value cache and gives logits at chosen positions. */
import { GraphBuilder } from '../graph/operators';
import { declareLora } from './adapter';
import { cachedAttention } from './attention';
import type { ModelConfig } from './config';
import { type LinearModule, Transformer } from './transformer';
import type { Weights } from './weights';

/**
 * Inputs: `ids` [batch, time], `rows` [rows] flat positions among the new tokens, those of `cachedAttention`, LoRA factors.
 * Outputs: `logits` [rows, vocabulary] and the caches.
 */
export function decodeGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
): GraphBuilder {
  const g = new GraphBuilder('decode');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const rows = g.input('rows', 'int64', ['rows']);
  const transformer = new Transformer(g, c, weights, declareLora(g, targets, { scale: false }), {
    training: false,
  });
  g.output('logits', transformer.logits(ids, rows, cachedAttention(g, c, ids)));
  return g;
}
