/** One forward and backward pass of a batch through the training graph. */
import type { GraphBuilder } from '../../graph/operators';
import { floats, longs, type RuntimeTensor, type Session } from '../../graph/runtime';
import { type LoraFactors, tensorName } from '../adapter';
import type { LinearModule } from '../architectures/linear-modules';
import type { Weights } from '../files/weights';
import { fullAttentionFeeds } from '../graphs/attention';
import { leastTime } from '../graphs/causal-attention';
import { positionFeed } from '../graphs/lora';
import { type Support, tiny } from '../graphs/loss';
import { trainingGraph } from '../graphs/training';
import type { Adapter, ResponseRow } from '../types';
import { compile, type ModelParts, onWorkingDevice } from './sessions';

/** Weights of each term at each response position, the teacher's view of it, and the ids. */
export interface GradientRow {
  prompt: readonly number[];
  response: readonly number[];
  /** [S] each; absent is zero. Already scaled: the objective is their plain sum. */
  weights: Partial<Record<Term, Float32Array>>;
  /** Mixing weight of the teacher in the JSD; default 0.5. */
  beta?: number;
  /** Log-probabilities: of ids [S, K], or without ids of the whole vocabulary [S, V]. */
  teacher?: { logProbs: Float32Array; ids?: Int32Array };
}

export const terms = ['ce', 'forward', 'reverse', 'jsd'] as const;
export type Term = (typeof terms)[number];

export interface GradientResult {
  /** Per row of the batch, the value of each term at each response position, [S], before weights. */
  losses: Record<Term, Float32Array>[];
  /** By PEFT's tensor name, with respect to A and B. */
  gradients: Map<string, Float32Array>;
}

export class GradientSession {
  /** With activations kept, and with activations computed again: each compiled when it is first needed. */
  private readonly sessions = new Map<boolean, Promise<Session>>();

  protected constructor(
    protected readonly parts: ModelParts,
    protected readonly targets: readonly LinearModule[],
    private readonly support: Support,
    private readonly positions: Adapter['positions'],
  ) {}

  static async create(
    parts: ModelParts,
    targets: readonly LinearModule[],
    support: Support,
    positions?: Adapter['positions'],
  ): Promise<GradientSession> {
    const made = new GradientSession(parts, targets, support, positions);
    await made.onDevice(parts.recompute ?? false, (session) => Promise.resolve(session));
    return made;
  }

  private open(recompute: boolean): Promise<Session> {
    const { parts } = this;
    let session = this.sessions.get(recompute);
    if (!session) {
      const weights = parts.trainingWeights ?? parts.weights;
      session = compile(parts, weights, this.graph(weights, recompute), { heavy: true });
      this.sessions.set(recompute, session);
      session.catch(() => this.sessions.delete(recompute));
    }
    return session;
  }

  protected graph(weights: Weights, recompute: boolean): GraphBuilder {
    const { parts, targets, support, positions } = this;
    return trainingGraph(parts.config, weights, targets, support, recompute, positions === 'response');
  }

  /** Tokens of a row that a run takes. */
  lengthOf({ prompt, response }: ResponseRow): number {
    return prompt.length + response.length - 1;
  }

  /** Compiles the graph where that is still to be done, and where the device has failed. */
  protected onDevice<T>(recompute: boolean, work: (session: Session) => Promise<T>): Promise<T> {
    return onWorkingDevice(
      this.parts,
      async () => work(await this.open(recompute)),
      () => this.close(),
    );
  }

  /**
   * @param k size of the support, the same for every row that has a teacher
   * @param recompute computes activations again instead of keeping them
   */
  async run(
    rows: readonly GradientRow[],
    factors: ReadonlyMap<string, LoraFactors>,
    k: number,
    recompute = this.parts.recompute ?? false,
  ): Promise<GradientResult> {
    const sequences = await this.sequenceFeeds(rows);
    const feeds = { ...sequences, ...this.lossFeeds(rows, k), ...this.loraFeeds(factors) };
    const out = await this.onDevice(recompute, (session) => session.run(feeds));
    const gradients = new Map<string, Float32Array>();
    for (const { name } of this.targets) {
      gradients.set(tensorName(name, 'A'), out[`grad_a.${name}`]!.data as Float32Array);
      gradients.set(tensorName(name, 'B'), out[`grad_b.${name}`]!.data as Float32Array);
    }
    let start = 0;
    const losses = rows.map(({ response }) => {
      const end = start + response.length;
      const cut = (term: Term) => (out[`loss_${term}`]!.data as Float32Array).slice(start, end);
      const row = { ce: cut('ce'), forward: cut('forward'), reverse: cut('reverse'), jsd: cut('jsd') };
      start = end;
      return row;
    });
    return { losses, gradients };
  }

  /** Rows padded on the right with token 0; response token t is predicted at position prompt.length − 1 + t. */
  protected async sequenceFeeds(rows: readonly GradientRow[]): Promise<Record<string, RuntimeTensor>> {
    const time = Math.max(leastTime, ...rows.map((r) => r.prompt.length + r.response.length - 1));
    const ids = new BigInt64Array(rows.length * time);
    const positions: number[] = [];
    rows.forEach((row, b) => {
      // The last token of the response predicts nothing that is trained.
      const sequence = [...row.prompt, ...row.response.slice(0, -1)];
      sequence.forEach((id, t) => {
        ids[b * time + t] = BigInt(id);
      });
      row.response.forEach((_, t) => {
        positions.push(b * time + row.prompt.length - 1 + t);
      });
    });
    const firsts = rows.map((row) => row.prompt.length - 1);
    return {
      ids: { type: 'int64', data: ids, dims: [rows.length, time] },
      rows: longs(positions),
      targets: longs(rows.flatMap((r) => [...r.response])),
      ...(this.positions ? { lora_positions: positionFeed(firsts, time) } : {}),
      ...fullAttentionFeeds(this.parts.config, time),
    };
  }

  private lossFeeds(rows: readonly GradientRow[], k: number): Record<string, RuntimeTensor> {
    const n = rows.reduce((sum, r) => sum + r.response.length, 0);
    const feeds: Record<string, RuntimeTensor> = {};
    for (const term of terms) {
      const all = new Float32Array(n);
      eachRow(rows, (row, start) => {
        const weights = row.weights[term];
        if (weights) all.set(weights, start);
      });
      feeds[`w_${term}`] = floats(all, [n]);
    }
    const beta = new Float32Array(n).fill(0.5);
    eachRow(rows, (row, start) => beta.fill(row.beta ?? 0.5, start, start + row.response.length));
    feeds.beta = floats(beta, [n]);
    return { ...feeds, ...this.teacherFeeds(rows, n, k) };
  }

  private teacherFeeds(rows: readonly GradientRow[], n: number, k: number): Record<string, RuntimeTensor> {
    const width = this.support === 'full' ? this.parts.config.vocabularySize : k;
    // Positions without a teacher get a uniform one, which their zero weights silence.
    const logProbs = new Float32Array(n * width).fill(-Math.log(width + 1));
    const ids = new BigInt64Array(this.support === 'full' ? 0 : n * k);
    for (let i = 0; i < ids.length; i++) ids[i] = BigInt(i % k);
    eachRow(rows, ({ teacher }, start) => {
      if (!teacher) return;
      logProbs.set(teacher.logProbs, start * width);
      teacher.ids?.forEach((id, i) => {
        ids[start * k + i] = BigInt(id);
      });
    });
    const feeds: Record<string, RuntimeTensor> = { teacher: floats(logProbs, [n, width]) };
    if (this.support === 'full') return feeds;
    feeds.support = { type: 'int64', data: ids, dims: [n, k] };
    if (this.support === 'tail') feeds.teacher_tail = floats(tailLogProbs(logProbs, n, k), [n, 1]);
    return feeds;
  }

  private loraFeeds(factors: ReadonlyMap<string, LoraFactors>): Record<string, RuntimeTensor> {
    const feeds: Record<string, RuntimeTensor> = {};
    const scales = new Float32Array(this.targets.length);
    this.targets.forEach((m, i) => {
      const f = factors.get(m.name)!;
      feeds[`a.${m.name}`] = floats(f.a, [f.rank, m.inputs]);
      feeds[`b.${m.name}`] = floats(f.b, [m.outputs, f.rank]);
      scales[i] = f.scale;
    });
    feeds.lora_scale = floats(scales, [scales.length]);
    return feeds;
  }

  async close(): Promise<void> {
    const open = [...this.sessions.values()];
    this.sessions.clear();
    for (const session of open) await session.then((s) => s.close()).catch(() => undefined);
  }
}

function eachRow(rows: readonly GradientRow[], visit: (row: GradientRow, start: number) => void): void {
  let start = 0;
  for (const row of rows) {
    visit(row, start);
    start += row.response.length;
  }
}

/** log(1 − Σ p) of each row of K log-probabilities, in float64. */
export function tailLogProbs(logProbs: Float32Array, n: number, k: number): Float32Array {
  return Float32Array.from({ length: n }, (_, r) => {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += Math.exp(logProbs[r * k + i]!);
    return Math.log(Math.max(1 - sum, tiny));
  });
}
