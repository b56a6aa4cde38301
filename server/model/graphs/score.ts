/** The graph that scores given responses: logits at response positions and what is read off them. */
import type { Value } from '../../graph/graph';
import { GraphBuilder } from '../../graph/operators';
import type { ModelConfig } from '../architectures/config';
import type { LinearModule } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { fullAttention } from './attention';
import { declareLora } from './lora';
import { logSoftmax } from './loss';
import { Transformer } from './transformer';

/**
 * Inputs: `ids` [batch, time], `rows` [rows] flat positions, `targets` [rows], `k` [1], tables, masks and LoRA factors.
 * Outputs: `logits` [rows, vocabulary], `log_probs` [rows], `entropy` [rows], `top_log_probs` and `top_ids` [rows, k].
 */
export function scoreGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
  positions = false,
): GraphBuilder {
  const g = new GraphBuilder('score');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const rows = g.input('rows', 'int64', ['rows']);
  const transformer = new Transformer(g, c, weights, declareLora(g, targets, { scale: false, positions }), {
    training: false,
    exact: true,
  });
  scoreOutputs(g, transformer.logits(ids, rows, fullAttention(g, c, ids)));
  return g;
}

/** Declares `targets` [rows] and `k` [1], and what is read off logits [rows, vocabulary] as outputs, these too. */
export function scoreOutputs(g: GraphBuilder, made: Value): void {
  const labels = g.input('targets', 'int64', ['rows']);
  const k = g.input('k', 'int64', [1]);
  const logits = g.output('logits', made);
  const { logProbs, probs } = logSoftmax(g, logits);
  g.output('log_probs', g.squeeze(g.gatherElements(logProbs, g.unsqueeze(labels, -1)), -1));
  g.output('entropy', g.neg(g.reduceSum(g.mul(probs, logProbs), -1, false)));
  const top = g.topK(logProbs, k, 'k');
  g.output('top_log_probs', top.values);
  g.output('top_ids', top.indices);
}
