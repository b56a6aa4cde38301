/** AdamW with decoupled weight decay and a global-norm clip, step for step as torch.optim.AdamW and clip_grad_norm_. */
import type { AdamWOptions, OptimizerState } from '../types';

export class AdamW {
  private step = 0;
  private moments = new Map<string, { m: Float32Array; v: Float32Array }>();

  /**
   * Changes `parameters` in place and scales `gradients` where the clip bites.
   *
   * @returns the global norm before the clip
   */
  update(
    parameters: ReadonlyMap<string, Float32Array>,
    gradients: ReadonlyMap<string, Float32Array>,
    options: AdamWOptions,
  ): { gradNorm: number } {
    const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = options;
    const gradNorm = globalNorm(gradients.values());
    const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (gradNorm + 1e-6)) : 1;
    this.step += 1;
    const stepSize = learningRate / (1 - beta1 ** this.step);
    const rootCorrection = Math.sqrt(1 - beta2 ** this.step);
    const keep = 1 - learningRate * weightDecay;
    for (const [name, p] of parameters) {
      const g = gradients.get(name);
      if (!g) continue;
      const { m, v } = this.momentsOf(name, p.length);
      for (let i = 0; i < p.length; i++) {
        const d = g[i]! * clip;
        m[i] = m[i]! + (d - m[i]!) * (1 - beta1);
        v[i] = v[i]! * beta2 + d * d * (1 - beta2);
        const denominator = Math.sqrt(v[i]!) / rootCorrection + epsilon;
        p[i] = p[i]! * keep - (stepSize * m[i]!) / denominator;
      }
    }
    return { gradNorm };
  }

  private momentsOf(name: string, length: number): { m: Float32Array; v: Float32Array } {
    let found = this.moments.get(name);
    if (!found) {
      found = { m: new Float32Array(length), v: new Float32Array(length) };
      this.moments.set(name, found);
    }
    return found;
  }

  /** A copy for a checkpoint. */
  state(): OptimizerState {
    return { step: this.step, moments: copy(this.moments) };
  }

  load(state: OptimizerState): void {
    this.step = state.step;
    this.moments = copy(state.moments);
  }
}

function copy(moments: OptimizerState['moments']): OptimizerState['moments'] {
  return new Map([...moments].map(([name, { m, v }]) => [name, { m: m.slice(), v: v.slice() }]));
}

/** √Σ g² over all tensors. */
export function globalNorm(tensors: Iterable<Float32Array>): number {
  let sum = 0;
  for (const t of tensors) for (let i = 0; i < t.length; i++) sum += t[i]! * t[i]!;
  return Math.sqrt(sum);
}
