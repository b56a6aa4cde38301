/** The forward pass of every architecture, as nodes of a graph. Attention is a strategy: with or without a key-value cache. */
import { checkpoint } from '../../graph/gradients';
import type { Value } from '../../graph/graph';
import type { GraphBuilder } from '../../graph/operators';
import type { ModelConfig } from '../architectures/config';
import {
  type BlockModules,
  blockModules,
  headModule,
  type LinearModule,
  storedName,
} from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import type { LoraInputs } from './lora';
import { gatherNBits, matmulNBits } from './matmul-nbits';
import type { Attention } from './rotary';

export interface TransformerOptions {
  /** Only operators that have a gradient, without the rounding that decoding can bear. Fused norms are faster; they have no rule. */
  training: boolean;
  /** Matrix products in float16, where the weights are stored so. */
  float16?: boolean;
  /** Products with quantized weights in float32. Training is always so. */
  exact?: boolean;
  /** The activations of each layer are computed again in the backward pass. */
  recompute?: boolean;
}

export class Transformer {
  constructor(
    private readonly g: GraphBuilder,
    private readonly config: ModelConfig,
    private readonly weights: Weights,
    private readonly lora: ReadonlyMap<string, LoraInputs>,
    private readonly options: TransformerOptions,
  ) {}

  private get training(): boolean {
    return this.options.training;
  }

  /**
   * ids [batch, time] → logits [rows, vocabulary] at the flat positions `rows`, an int64 vector. Positions that are not
   * asked for leave the last layer after its attention: nothing behind it needs them.
   */
  logits(ids: Value, rows: Value, attention: Attention): Value {
    return this.head(this.layers(this.embed(ids), { from: 0, to: this.config.layers, rows }, attention));
  }

  /** ids [batch, time] → what goes into the first layer, [tokens, hiddenSize]. */
  embed(ids: Value): Value {
    const { g, config: c, weights } = this;
    const name = `${c.architecture.names.embedding}.weight`;
    const quantized = weights.has(name) ? undefined : weights.quantized(g, name);
    if (quantized) return gatherNBits(g, quantized, ids);
    const table = weights.stored(g, name, [c.vocabularySize, c.hiddenSize]);
    return g.reshape(g.cast(g.gather(table, ids), 'float32'), ['tokens', c.hiddenSize]);
  }

  /**
   * Layers from…to−1 on their input, [tokens, hiddenSize].
   * @param span `rows`, where it is given, are the flat positions that are asked of the model's last layer
   */
  layers(input: Value, span: { from: number; to: number; rows?: Value }, attention: Attention): Value {
    let x = input;
    for (let i = span.from; i < span.to; i++) {
      const layer = (value: Value) => this.layer(i, value, span.rows, attention);
      x = this.options.recompute ? checkpoint(this.g, [x, ...this.factors(i)], layer) : layer(x);
    }
    return x;
  }

  /** What leaves the last layer → logits, [rows, vocabulary]. */
  head(x: Value): Value {
    const { config: c } = this;
    const head = headModule(c);
    return this.linear(this.norm(x, c.architecture.names.finalNorm), head, storedName(c, head.name));
  }

  private layer(i: number, input: Value, rows: Value | undefined, attention: Attention): Value {
    const { g, config: c } = this;
    const m = blockModules(c, i);
    const { names, queryKeyNorm } = c.architecture;
    const p = names.layer(i);
    const h = this.norm(input, `${p}.${names.attentionNorm}`);
    // Norms of heads come before the rotation.
    const headNorm = (x: Value, heads: number, name: string | undefined) =>
      name === undefined ? x : this.headNorm(x, heads, `${p}.${name}`);
    const q = headNorm(this.linear(h, m.query), c.heads, queryKeyNorm?.query);
    const k = headNorm(this.linear(h, m.key), c.keyValueHeads, queryKeyNorm?.key);
    let x = input;
    let mixed = attention(i, { q, k, v: this.linear(h, m.value) });
    if (rows && i === c.layers - 1) [x, mixed] = [g.gather(x, rows), g.gather(mixed, rows)];
    x = g.add(x, this.linear(mixed, m.attentionOutput));
    return g.add(x, this.mlp(this.norm(x, `${p}.${names.mlpNorm}`), m));
  }

  /** What an adapter adds in a layer. */
  private factors(layer: number): Value[] {
    return Object.values(blockModules(this.config, layer)).flatMap((m) => this.factorsOf(m));
  }

  private factorsOf({ name }: LinearModule): Value[] {
    const lora = this.lora.get(name);
    return lora ? [lora.a, lora.b] : [];
  }

  private mlp(h: Value, m: BlockModules): Value {
    const up = this.linear(h, m.up);
    const gate = m.gate && this.linear(h, m.gate);
    const inner = (first: Value) =>
      this.linear(gate ? this.g.mul(this.activate(first), up) : this.activate(first), m.down);
    // What lies between two matrix products is cheap to compute again, and is most of what a layer would keep.
    if (!this.training || this.options.recompute) return inner(gate ?? up);
    const others = [...(gate ? [up] : []), ...this.factorsOf(m.down)];
    return checkpoint(this.g, [gate ?? up, ...others], inner);
  }

  /** y = x·Wᵀ + b + scale·(x·Aᵀ)·Bᵀ. */
  private linear(x: Value, module: LinearModule, stored = module.name): Value {
    const { g, weights } = this;
    const c = module.bias ? weights.float(g, `${stored}.bias`, [module.outputs]) : undefined;
    const y = this.product(x, stored, module, c);
    const lora = this.lora.get(module.name);
    if (!lora) return y;
    let low = g.gemm(x, lora.a, { transB: true });
    if (lora.scale) low = g.mul(low, lora.scale);
    // Rows that are asked for follow a response's tokens: the adapter acts on all of them.
    if (lora.positions && x.shape[0] === 'tokens') low = g.mul(low, lora.positions);
    return g.gemm(low, lora.b, { transB: true, c: y });
  }

  private product(x: Value, stored: string, m: LinearModule, c: Value | undefined): Value {
    const { g, weights } = this;
    const name = `${stored}.weight`;
    if (this.options.float16) {
      const w = weights.stored(g, name, [m.outputs, m.inputs]);
      const y = g.cast(g.gemm(g.cast(x, w.type), w, { transB: true }), 'float32');
      return c ? g.add(y, c) : y;
    }
    const quantized = weights.quantized(g, name);
    // The embedding's table is there in full anyway, and gradients through a large output layer are best taken from it.
    if (!quantized || (this.training && weights.has(name))) {
      return g.gemm(x, weights.float(g, name, [m.outputs, m.inputs]), { transB: true, c });
    }
    const y = matmulNBits(g, x, quantized, m, this.training || this.options.exact === true);
    return c ? g.add(y, c) : y;
  }

  private norm(x: Value, name: string): Value {
    const { g, weights, config: c } = this;
    const w = weights.float(g, `${name}.weight`, [c.hiddenSize]);
    if (c.architecture.norm.kind === 'rms') return this.rmsNorm(x, w);
    const b = weights.float(g, `${name}.bias`, [c.hiddenSize]);
    if (!this.training) {
      return g.one('LayerNormalization', [x, w, b], x.shape, { axis: -1, epsilon: { float: c.normEpsilon } });
    }
    const centred = g.sub(x, g.reduceMean(x, -1));
    return g.add(g.mul(g.mul(centred, this.inverseRoot(centred)), w), b);
  }

  private rmsNorm(x: Value, w: Value): Value {
    const { g } = this;
    if (!this.training) {
      const attributes = { axis: -1, epsilon: { float: this.config.normEpsilon }, stash_type: 1 };
      return g.one('SimplifiedLayerNormalization', [x, w], x.shape, attributes);
    }
    return g.mul(g.mul(x, this.inverseRoot(x)), w);
  }

  /** 1/√(mean(x²) + ε) over the last axis. */
  private inverseRoot(x: Value): Value {
    const { g } = this;
    const mean = g.reduceMean(g.mul(x, x), -1);
    return g.reciprocal(g.sqrt(g.add(mean, g.float(this.config.normEpsilon))));
  }

  /** Norm over each head's dimensions. */
  private headNorm(x: Value, heads: number, name: string): Value {
    const { g, config: c } = this;
    const w = this.weights.float(g, `${name}.weight`, [c.headDim]);
    const split = g.reshape(x, [x.shape[0]!, heads, c.headDim]);
    return g.reshape(this.rmsNorm(split, w), [x.shape[0]!, heads * c.headDim]);
  }

  private activate(x: Value): Value {
    const { g } = this;
    const half = (inner: Value) => g.mul(g.mul(x, g.float(0.5)), g.add(inner, g.float(1)));
    switch (this.config.activation) {
      case 'silu':
        return g.mul(x, g.sigmoid(x));
      case 'relu':
        return g.relu(x);
      case 'gelu':
        return half(g.erf(g.mul(x, g.float(Math.SQRT1_2))));
      case 'gelu_tanh': {
        const cube = g.mul(g.mul(x, x), x);
        const inner = g.add(x, g.mul(cube, g.float(0.044715)));
        return half(g.tanh(g.mul(inner, g.float(Math.sqrt(2 / Math.PI)))));
      }
    }
  }
}
