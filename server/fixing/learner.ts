/**
 * Learns from the attempts on one problem, into an adapter of this problem alone.
 *
 * Self-distillation (SDPO at test time, arXiv 2601.20802 section 5): the teacher is the base model that reads the attempt's
 * failure, the student the adapted model that does not; on the student's own attempts their divergence is made smaller
 * (eq. 3). GRPO scores attempts by the tests alone: A = r − mean r, no division by the deviation.
 */
import { logSoftmaxRows } from '../base/logits';
import type { FeedbackItem } from '../learning/feedback-text';
import { SUPPORT_SIZE, teacherOnSupport } from '../learning/support';
import type { Adapter, Model, ResponseEngine, TrainingRow, TrainingSession } from '../model/types';
import type { Sampler } from './sampler';
import { failureItem } from './sampler';
import type { Attempt } from './types';

export interface LearnerOptions {
  objective: 'distillation' | 'grpo';
  seed: number;
  /** Share of the layers, counted from the top, that learn. */
  layers: number;
  kind: 'forward' | 'reverse' | 'jsd';
  learningRate: number;
  stepsPerBatch: number;
}

export const learnerDefaults = {
  layers: 0.5,
  kind: 'jsd',
  learningRate: 1e-3,
  stepsPerBatch: 2,
} as const;

/** Different failures of a batch that the teacher reads: each is a prompt of its own. */
const MOST_FAILURES = 3;

/** An attempt with the teacher's log-probs at each of its tokens, [S, V]. */
interface Taught {
  ids: readonly number[];
  logProbs: ReturnType<typeof logSoftmaxRows>;
}

export class Learner {
  steps = 0;

  private constructor(
    private readonly engine: ResponseEngine,
    private readonly session: TrainingSession,
    private readonly sampler: Sampler,
    private readonly options: LearnerOptions,
  ) {}

  static async open(model: Model, sampler: Sampler, options: LearnerOptions): Promise<Learner> {
    const engine = await model.responses({ share: options.layers });
    const session = await engine.trainer({ rank: 16, alpha: 32, seed: options.seed, positions: 'response' });
    return new Learner(engine, session, sampler, options);
  }

  /** The student as it stands. */
  adapter(): Adapter {
    return this.session.adapter();
  }

  /**
   * Steps on one batch of attempts; none where it teaches nothing.
   * @param furthest what the teacher may read besides: the attempt that got furthest, where it got further than the others
   */
  async learn(attempts: readonly Attempt[], furthest: FeedbackItem | null): Promise<void> {
    const isRewarded = this.options.objective === 'grpo';
    const taught = isRewarded ? [] : await this.taught(attempts, furthest);
    for (let i = 0; i < this.options.stepsPerBatch; i++) {
      const rows = isRewarded ? this.rewarded(attempts) : await this.distilled(taught);
      if (rows.length === 0) return;
      await this.session.accumulate(rows, 1 / rows.length);
      this.session.step({
        learningRate: this.options.learningRate,
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weightDecay: 0,
        maxGradNorm: 1,
      });
      this.steps += 1;
    }
  }

  /** What the teacher says of attempts, of each different failure of a batch as far as there is time to read them. */
  private async taught(attempts: readonly Attempt[], furthest: FeedbackItem | null): Promise<Taught[]> {
    const prompts = new Map<string, readonly number[]>();
    const taught: Taught[] = [];
    for (const { ids, score } of attempts) {
      if (!score?.failure || ids.length === 0) continue;
      if (!prompts.has(score.failure)) {
        if (prompts.size >= MOST_FAILURES) continue;
        const items = [...(furthest ? [furthest] : []), failureItem(score.failure)];
        prompts.set(score.failure, this.sampler.promptWith(items).ids);
      }
      const logits = await this.engine.scorer.logits(prompts.get(score.failure)!, ids, null);
      taught.push({ ids, logProbs: logSoftmaxRows(logits, logits.length / ids.length) });
    }
    return taught;
  }

  private async distilled(taught: readonly Taught[]): Promise<TrainingRow[]> {
    const prompt = this.sampler.prompt.ids;
    const live = this.session.adapter();
    const rows: TrainingRow[] = [];
    for (const { ids, logProbs } of taught) {
      const student = await this.engine.scorer.logits(prompt, ids, live);
      const support = teacherOnSupport(logProbs, student, ids.length, SUPPORT_SIZE);
      const divergence = { kind: this.options.kind, weight: 1, ...support };
      rows.push({ prompt, response: ids, crossEntropy: 0, divergence });
    }
    return rows;
  }

  /** One step on samples of the policy that it changes: the importance ratio is 1. */
  private rewarded(attempts: readonly Attempt[]): TrainingRow[] {
    const drawn = attempts.filter(({ ids }) => ids.length > 0);
    const rewards = drawn.map(({ score }) => score?.reward ?? 0);
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / Math.max(1, rewards.length);
    return drawn.flatMap(({ ids }, i) => {
      const advantage = rewards[i]! - mean;
      if (Math.abs(advantage) < 1e-6) return [];
      const advantages = new Float32Array(ids.length).fill(advantage);
      return [{ prompt: this.sampler.prompt.ids, response: ids, crossEntropy: 1, advantages }];
    });
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}
