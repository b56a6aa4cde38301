/** Rows of experiments: on the student's own samples, with other estimates of the divergence, and with rewards. */
import { logSoftmaxRows } from '../../base/logits';
import { divergence } from '../../learning/objective';
import type { SupportedTeacher } from '../../learning/support';
import type { Adapter, Scorer, TrainingRow } from '../../model/types';
import type { Reward } from '../../training/augment/answers';
import { NOTHING } from '../../training/objectives/terms';
import type { RowParts } from '../../training/trainer/hooks';
import type { Prepared } from '../../training/trainer/prepare';
import { RowMaker } from '../../training/trainer/rows';
import type { Teacher } from '../../training/trainer/teacher';
import type { Terms } from '../../training/types';
import type { Experiment } from './experiment';
import { groupAdvantages, grpoFactor, importanceRatio } from './policy';

/** Largest advantage of a sampled token, in nats, and largest importance ratio. */
const MOST_ADVANTAGE = 5;
const MOST_RATIO = 2;

interface Sample {
  ids: number[];
  teacher: SupportedTeacher | null;
  /** ρ·A of each token, for the sampled form. */
  tokens: Float32Array | null;
  /** Weight of each token where the reverse term is clipped. */
  mask: Float32Array | null;
  /** GRPO's A = r − mean r of its group; 0 where nothing rewards. */
  advantage: number;
  /** log π of each token when it was drawn; null where it is not the student's own. */
  drawn: number[] | null;
}

export class ExperimentRows extends RowMaker {
  private readonly own = new Map<number, { step: number; list: Sample[] }>();
  override readonly mayRest: boolean;

  constructor(
    parts: RowParts,
    private readonly experiment: Experiment,
    private readonly reward: Reward | null,
  ) {
    super(parts);
    this.mayRest = experiment.grpo === true;
  }

  /** Plain cross-entropy while a warm start lasts. */
  protected override termsAt(one: Prepared, step: number): Terms {
    const warming = step <= (this.experiment.warmStart ?? 0) && one.kept !== null;
    return warming ? { ...NOTHING, crossEntropy: 1 } : one.terms;
  }

  protected override async sampleRows(
    one: Prepared,
    terms: Terms,
    step: number,
    weight: number,
    live: () => Adapter,
  ): Promise<TrainingRow[]> {
    const grpo = this.experiment.grpo === true && this.reward !== null;
    const distils = terms.onPolicy > 0 && one.teacherPrompt !== null;
    if (!grpo && !distils) return [];
    const all = await this.drawnFor(one, step, live, distils, grpo);
    // A group is compared as a whole.
    const list = grpo || all.length === 0 ? all : [all[step % all.length]!];
    const share = weight / Math.max(1, list.length);
    const rows: TrainingRow[] = [];
    for (const sample of list) {
      const policy = grpo ? await this.surrogate(one, sample, live) : null;
      const row = sampleRow(one.prompt, sample, terms, share, policy, this.experiment.hybrid ?? 0.5);
      if (row) rows.push(row);
    }
    return rows;
  }

  /**
   * Factors of ∇log π of a rewarded sample's tokens, [S]: the clipped surrogate's A·ρ, 0 where the clip stops it
   * (0.2 down, 0.28 up). The samples are a few steps old when they are trained on.
   */
  private async surrogate(one: Prepared, sample: Sample, live: () => Adapter): Promise<Float32Array | null> {
    const { advantage, drawn, ids } = sample;
    if (advantage === 0 || !drawn) return null;
    const { logProbs: now } = await this.parts.scorer.score(one.prompt, ids, live(), 0);
    return Float32Array.from(ids, (_, t) => grpoFactor(advantage, Math.exp(now[t]! - drawn[t]!)));
  }

  private async drawnFor(
    one: Prepared,
    step: number,
    live: () => Adapter,
    distils: boolean,
    grpo: boolean,
  ): Promise<Sample[]> {
    const known = this.own.get(one.event.id);
    if (known && step - known.step < this.parts.options.refreshSteps) return known.list;
    const { sampler = 'student' } = this.experiment;
    const adapter = live();
    const texts: { ids: number[]; logProbs: number[] | null }[] =
      grpo || sampler !== 'teacher' ? await this.draw(one.prompt, one, step, adapter) : [];
    // The completion that the feedback is about is a sample too, drawn when it was offered.
    if (!known && !grpo && sampler !== 'teacher' && one.offered.length > 0)
      texts.push({ ids: one.offered, logProbs: null });
    if (distils && !grpo && sampler !== 'student')
      for (const ids of await this.taught(one, step)) texts.push({ ids, logProbs: null });
    const rewards = grpo ? texts.map(({ ids }) => this.reward!(one.event, this.textOf(ids))) : [];
    const advantages = grpo ? groupAdvantages(rewards) : texts.map(() => 0);
    const list: Sample[] = [];
    for (const [index, { ids, logProbs }] of texts.entries()) {
      if (ids.length === 0) continue;
      const told = distils ? await this.ask(one, ids, adapter) : { teacher: null, tokens: null, mask: null };
      list.push({ ids, ...told, advantage: advantages[index]!, drawn: logProbs });
    }
    this.own.set(one.event.id, { step, list });
    return list;
  }

  /** What the teacher says of a sample, in the form the experiment wants. */
  private async ask(one: Prepared, ids: number[], live: Adapter) {
    const { scorer, teacher } = this.parts;
    const prompt = one.teacherPrompt!;
    const sample = { teacher, prompt, studentPrompt: one.prompt, ids, live };
    if (this.experiment.sampled) {
      const old = ids === one.offered ? (one.offeredLogProbs ?? undefined) : undefined;
      return { teacher: null, tokens: await tokenFactors(scorer, sample, old), mask: null };
    }
    const clip = one.terms.onPolicyKind === 'reverse' ? (this.experiment.tokenClip ?? null) : null;
    const mask = clip === null ? null : await reverseWeights(scorer, sample, clip);
    return { teacher: await teacher.distribution(prompt, one.prompt, ids, live), tokens: null, mask };
  }

  private textOf(ids: readonly number[]): string {
    const { tokenizer, format } = this.parts.model;
    return tokenizer.decode(ids.filter((id) => !format.stopIds.includes(id)));
  }
}

interface AskedSample {
  teacher: Teacher;
  /** The teacher's prompt. */
  prompt: readonly number[];
  studentPrompt: readonly number[];
  ids: readonly number[];
  live: Adapter | null;
}

/** log-probs [S, V] of student and teacher on a sample. */
async function bothSides(scorer: Scorer, { teacher, prompt, studentPrompt, ids, live }: AskedSample) {
  const student = await scorer.logits(studentPrompt, ids, live);
  const asked = await teacher.logits(prompt, ids, live);
  const vocabulary = student.length / ids.length;
  return {
    student: logSoftmaxRows(student, vocabulary),
    teacher: logSoftmaxRows(asked, vocabulary),
    vocabulary,
  };
}

/**
 * The sampled-token form (SDPO eq. 4): ρ_t·A_t of every token of a response, A clipped to ±5 nats, ρ = min(π/π_old, 2)
 * where the response was logged earlier.
 * @param oldLogProbs log-probs when it was drawn, where that was not just now
 */
async function tokenFactors(
  scorer: Scorer,
  sample: AskedSample,
  oldLogProbs?: readonly number[],
): Promise<Float32Array> {
  const { student, teacher, vocabulary } = await bothSides(scorer, sample);
  return Float32Array.from(sample.ids, (id, t) => {
    const now = student[t * vocabulary + id]!;
    const gap = teacher[t * vocabulary + id]! - now;
    const advantage = Math.max(-MOST_ADVANTAGE, Math.min(MOST_ADVANTAGE, gap));
    const old = oldLogProbs?.[t];
    return advantage * (old === undefined ? 1 : importanceRatio(now, old, MOST_RATIO));
  });
}

/** Weights that bound each token's reverse KL: min(1, clip / KL_t), [S]. */
async function reverseWeights(scorer: Scorer, sample: AskedSample, clip: number): Promise<Float32Array> {
  const { student, teacher, vocabulary } = await bothSides(scorer, sample);
  return Float32Array.from(sample.ids, (_, t) => {
    const row = (of: Float32Array) => of.subarray(t * vocabulary, (t + 1) * vocabulary);
    const { value } = divergence(row(student), row(teacher), { alpha: 1 });
    return value > clip ? clip / value : 1;
  });
}

/**
 * A sample's training row at a share of the loss; null where nothing pulls on it.
 * @param policy factors of the rewarded surrogate, [S]; null where nothing rewards
 * @param mix share of the reward in the advantage of the sampled form: A = λ·A_reward + (1 − λ)·A_teacher
 */
function sampleRow(
  prompt: number[],
  sample: Sample,
  terms: Terms,
  share: number,
  policy: Float32Array | null,
  mix: number,
): TrainingRow | null {
  const { ids, teacher, tokens, mask } = sample;
  if (ids.length === 0) return null;
  if (tokens) {
    const advantages = policy ? tokens.map((a, t) => mix * policy[t]! + (1 - mix) * a) : tokens;
    return { prompt, response: ids, crossEntropy: share * terms.onPolicy, advantages };
  }
  const rewarded = policy ? { crossEntropy: share, advantages: policy } : { crossEntropy: 0 };
  if (!teacher) return policy ? { prompt, response: ids, ...rewarded } : null;
  // A row's loss is divided by its mask's sum: multiplied by it again, a smaller weight is a smaller loss.
  const kept = mask ? mask.reduce((sum, weight) => sum + weight, 0) / mask.length : 1;
  return {
    prompt,
    response: ids,
    ...(mask ? { mask } : {}),
    ...rewarded,
    divergence: { kind: terms.onPolicyKind, weight: share * terms.onPolicy * kept, ...teacher },
  };
}
