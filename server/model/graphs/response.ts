/**
 * The graphs of a round whose adapter acts on responses only: prompts are read once by the frozen base; what the layers below
 * the adapter make of a response's tokens is frozen too and read once; a step runs the layers above on response tokens.
 */
import type { Value } from '../../graph/graph';
import { GraphBuilder } from '../../graph/operators';
import type { ModelConfig } from '../architectures/config';
import type { LinearModule } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { fullAttention } from './attention';
import { declareLora } from './lora';
import { responseAttention } from './response-attention';
import type { Attention } from './rotary';
import { scoreOutputs } from './score';
import { lossAndGradients } from './training';
import { Transformer } from './transformer';

/**
 * Reads prompts: `ids` [batch, time], padded on the right, tables and masks → `key_LAYER` and `value_LAYER`, float16
 * [batch, keyValueHeads, time, headDim], the keys rotated.
 */
export function promptGraph(c: ModelConfig, weights: Weights): GraphBuilder {
  const g = new GraphBuilder('prompt');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const attention = fullAttention(g, c, ids, (layer, key, value) => {
    g.output(`key_${layer}`, g.cast(key, 'float16'));
    g.output(`value_${layer}`, g.cast(value, 'float16'));
  });
  const transformer = new Transformer(g, c, weights, new Map(), { training: false });
  transformer.layers(transformer.embed(ids), { from: 0, to: c.layers }, attention);
  return g;
}

/**
 * What the layers below `layer` make of a response's tokens: `ids` [batch, time] and the attention's inputs → `hidden`
 * [tokens, hiddenSize].
 */
export function lowerGraph(c: ModelConfig, weights: Weights, layer: number): GraphBuilder {
  const g = new GraphBuilder('lower');
  const ids = g.input('ids', 'int64', ['batch', 'time']);
  const transformer = new Transformer(g, c, weights, new Map(), { training: false });
  g.output(
    'hidden',
    transformer.layers(transformer.embed(ids), { from: 0, to: layer }, responseAttention(g, c)),
  );
  return g;
}

/** Where the layers above begin: at the tokens themselves, or at what the layers below made of them. */
function upperInput(g: GraphBuilder, c: ModelConfig, transformer: Transformer, layer: number): Value {
  if (layer === 0) return transformer.embed(g.input('ids', 'int64', ['batch', 'time']));
  return g.input('hidden', 'float32', ['tokens', c.hiddenSize]);
}

function upperLogits(
  g: GraphBuilder,
  c: ModelConfig,
  transformer: Transformer,
  layer: number,
  attention: Attention,
): Value {
  const rows = g.input('rows', 'int64', ['rows']);
  const x = upperInput(g, c, transformer, layer);
  return transformer.head(transformer.layers(x, { from: layer, to: c.layers, rows }, attention));
}

/**
 * Scores responses: `hidden` (or `ids` where `layer` is 0), `rows` [rows] flat positions, `targets` [rows], `k` [1], the
 * attention's inputs and LoRA factors → as `scoreGraph`.
 */
export function responseScoreGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
  layer: number,
): GraphBuilder {
  const g = new GraphBuilder('response-score');
  const lora = declareLora(g, targets, { scale: false, positions: false });
  const transformer = new Transformer(g, c, weights, lora, { training: false });
  scoreOutputs(g, upperLogits(g, c, transformer, layer, responseAttention(g, c)));
  return g;
}

/** A training step on responses: inputs as `responseScoreGraph` and `distillationLoss` have them, outputs as `trainingGraph`. */
export function responseTrainingGraph(
  c: ModelConfig,
  weights: Weights,
  targets: readonly LinearModule[],
  layer: number,
  recompute = false,
): GraphBuilder {
  const g = new GraphBuilder('response-training');
  const lora = declareLora(g, targets, { scale: true, positions: false });
  const transformer = new Transformer(g, c, weights, lora, { training: true, recompute });
  const logits = upperLogits(g, c, transformer, layer, responseAttention(g, c));
  lossAndGradients(g, logits, targets, lora, 'tail');
  return g;
}
