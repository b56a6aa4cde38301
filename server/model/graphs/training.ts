/** The training step's graph: forward pass, loss, and gradients of every adapter factor. */
import { gradients } from '../../graph/gradients';
import type { Value } from '../../graph/graph';
import { GraphBuilder } from '../../graph/operators';
import type { ModelConfig } from '../architectures/config';
import type { LinearModule } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { fullAttention } from './attention';
import { declareLora, type LoraInputs } from './lora';
import { distillationLoss, type Support } from './loss';
import { Transformer } from './transformer';

/**
 * Inputs: `ids` [batch, time] padded on the right, `rows` [rows] flat positions whose logits are trained, LoRA factors
 * with `lora_scale`, tables and masks, and those of `distillationLoss`.
 * Outputs: `loss_ce`, `loss_forward`, `loss_reverse`, `loss_jsd` [rows], and `grad_a.MODULE`, `grad_b.MODULE`.
 */
export function trainingGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
  support: Support,
  recompute = false,
  positions = false,
): GraphBuilder {
  const g = new GraphBuilder('training');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const rows = g.input('rows', 'int64', ['rows']);
  const lora = declareLora(g, targets, { scale: true, positions });
  const transformer = new Transformer(g, c, weights, lora, { training: true, recompute });
  const logits = transformer.logits(ids, rows, fullAttention(g, c, ids));
  lossAndGradients(g, logits, targets, lora, support);
  return g;
}

/** The losses as outputs, and the gradient of every adapter factor. */
export function lossAndGradients(
  g: GraphBuilder,
  logits: Value,
  targets: readonly LinearModule[],
  lora: ReadonlyMap<string, LoraInputs>,
  support: Support,
): void {
  const { losses, gradient } = distillationLoss(g, logits, support);
  g.output('loss_ce', losses.crossEntropy);
  g.output('loss_forward', losses.forward);
  g.output('loss_reverse', losses.reverse);
  g.output('loss_jsd', losses.jsd);
  const factors = targets.flatMap((m) => [lora.get(m.name)!.a, lora.get(m.name)!.b]);
  gradients(g, [[logits, gradient]], factors).forEach((value, i) => {
    const module = targets[i >> 1]!.name;
    if (!value) throw new Error(`no gradient reaches ${module}`);
    g.output(`grad_${i % 2 ? 'b' : 'a'}.${module}`, value);
  });
}
