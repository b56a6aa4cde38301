/** One step's training rows: which terms of the objective each event of the batch carries, on what text. */

import { random } from '../../base/random';
import { groupAdvantages, grpoFactor } from '../../learning/objective';
import type { SupportedTeacher } from '../../learning/support';
import type { Adapter, Decoder, Model, TrainingRow } from '../../model/types';
import type { Reward } from '../augment/answers';
import { withoutPrecedents } from '../augment/precedents';
import { type NameSource, renamed } from '../augment/rename';
import type { Arm, RoundOptions, Terms } from '../types';
import { type Prepared, prepare } from './prepare';
import type { Teacher } from './teacher';

/** Share of the rows that show a correction as the first of its kind. */
const BARE_SHARE = 0.5;

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

interface Drawn {
  ids: number[];
  /** null where they are another's. */
  logProbs: number[] | null;
}

export class RowMaker {
  private readonly onKept = new Map<number, SupportedTeacher>();
  private readonly byTeacher = new Map<number, number[][]>();
  private readonly samples = new Map<number, { step: number; list: Sample[] }>();
  private readonly renameShare: number;
  /** Samples drawn so far, for the benchmark. */
  drawn = 0;

  constructor(
    private readonly model: Model,
    private readonly decoder: () => Promise<Decoder>,
    private readonly teacher: Teacher,
    private readonly arm: Arm,
    private readonly options: RoundOptions,
    private readonly reward: Reward | null,
    private readonly names: NameSource,
    events: number,
  ) {
    // Four corrections have much in common by chance, forty little.
    this.renameShare = options.renameShare ?? Math.min(0.75, Math.max(0.4, 3 / Math.max(1, events)));
  }

  /** The terms an event carries at a step: plain cross-entropy while a warm start lasts. */
  termsAt(one: Prepared, step: number): Terms {
    const warming = this.arm.warmStart !== undefined && step <= this.arm.warmStart && one.kept !== null;
    return warming ? { keptForward: 0, onPolicy: 0, onPolicyKind: 'forward', crossEntropy: 1 } : one.terms;
  }

  /**
   * Rows of one event, each weighted so that the event's rows sum to `weight` times its loss (method, "Objective").
   * @param live gives the student as it stands; asked only where samples or a moving teacher need it
   */
  async rows(asked: Prepared, step: number, weight: number, live: () => Adapter): Promise<TrainingRow[]> {
    const one = asked.answers?.length ? asked.answers[step % asked.answers.length]! : asked;
    const terms = this.termsAt(one, step);
    const rows: TrainingRow[] = [];
    if (one.kept && (terms.crossEntropy > 0 || terms.keptForward > 0)) {
      const shown = this.shown(one, terms, step);
      const row: TrainingRow = {
        prompt: shown.prompt,
        response: shown.kept!.ids,
        mask: shown.kept!.mask,
        crossEntropy: weight * terms.crossEntropy,
      };
      if (terms.keptForward > 0 && one.teacherPrompt) {
        const teacher = await this.teacherOnKept(one, live);
        row.divergence = { kind: 'forward', weight: weight * terms.keptForward, ...teacher };
      }
      rows.push(row);
    }
    const grpo = this.arm.grpo === true && this.reward !== null;
    const distils = terms.onPolicy > 0 && one.teacherPrompt !== null;
    if (!grpo && !distils) return rows;
    const all = await this.samplesOf(one, step, live, distils, grpo);
    // One sample an event and step is as good on average, and leaves time for more steps; a group is compared as a whole.
    const list = grpo || all.length === 0 ? all : [all[step % all.length]!];
    const share = weight / Math.max(1, list.length);
    for (const sample of list) {
      const policy = grpo ? await this.surrogate(one, sample, live) : null;
      const row = sampleRow(one.prompt, sample, terms, share, policy, this.arm.hybrid ?? 0.5);
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
    const now = await this.teacher.studentLogProbs(one.prompt, ids, live());
    return Float32Array.from(ids, (_, t) => grpoFactor(advantage, Math.exp(now[t]! - drawn[t]!)));
  }

  /** The event itself, or where nobody made the correction before, or under other names. A teacher's stored answer belongs to the text it was given for. */
  private shown(one: Prepared, terms: Terms, step: number): Prepared {
    const { seed } = this.options;
    // From the step alone, so that a resumed round makes the same choices.
    const source = random(seed * 7919 + one.event.id * 104_729 + step * 31);
    if (terms.keptForward > 0) return one;
    const rename = source.next() < this.renameShare;
    const bare = source.next() < BARE_SHARE ? withoutPrecedents(one.event) : null;
    const other = (rename ? renamed(bare ?? one.event, this.names, source) : null) ?? bare;
    const made = other && prepare(this.model, other, this.arm, this.options);
    return made?.kept ? made : one;
  }

  private async teacherOnKept(one: Prepared, live: () => Adapter): Promise<SupportedTeacher> {
    const known = this.onKept.get(one.event.id);
    if (known && this.teacher.isFrozen) return known;
    const ids = one.kept!.ids;
    const made = await this.teacher.distribution(one.teacherPrompt!, one.prompt, ids, live());
    this.onKept.set(one.event.id, made);
    return made;
  }

  private async samplesOf(
    one: Prepared,
    step: number,
    live: () => Adapter,
    distils: boolean,
    grpo: boolean,
  ): Promise<Sample[]> {
    const known = this.samples.get(one.event.id);
    if (known && step - known.step < this.options.refreshSteps) return known.list;
    const adapter = live();
    const texts: Drawn[] =
      grpo || this.arm.sampler !== 'teacher' ? await this.draw(one.prompt, one, step, adapter) : [];
    // The completion that the feedback is about is a sample too, drawn when it was offered.
    if (!known && !grpo && this.arm.sampler !== 'teacher' && one.offered.length > 0)
      texts.push({ ids: one.offered, logProbs: null });
    if (distils && !grpo && this.arm.sampler !== 'student')
      for (const ids of await this.taught(one, step)) texts.push({ ids, logProbs: null });
    const rewards = grpo
      ? texts.map(({ ids }) => this.reward!(one.event, this.model.tokenizer.decode(this.body(ids))))
      : [];
    const advantages = grpo ? groupAdvantages(rewards) : texts.map(() => 0);
    const list: Sample[] = [];
    for (const [index, { ids, logProbs }] of texts.entries()) {
      if (ids.length === 0) continue;
      const told = distils ? await this.ask(one, ids, adapter) : { teacher: null, tokens: null, mask: null };
      list.push({ ids, ...told, advantage: advantages[index]!, drawn: logProbs });
    }
    this.samples.set(one.event.id, { step, list });
    return list;
  }

  /** What the teacher says of a sample, in the form the terms want. */
  private async ask(
    one: Prepared,
    ids: number[],
    live: Adapter,
  ): Promise<Pick<Sample, 'teacher' | 'tokens' | 'mask'>> {
    const { onPolicyKind } = one.terms;
    const prompt = one.teacherPrompt!;
    if (onPolicyKind === 'sampled') {
      const old = ids === one.offered ? (one.offeredLogProbs ?? undefined) : undefined;
      const tokens = await this.teacher.advantages(prompt, one.prompt, ids, live, old);
      return { teacher: null, tokens, mask: null };
    }
    const clip = onPolicyKind === 'reverse' ? this.options.reverseTokenClip : null;
    const mask =
      clip === null ? null : await this.teacher.reverseWeights(prompt, one.prompt, ids, live, clip);
    return { teacher: await this.teacher.distribution(prompt, one.prompt, ids, live), tokens: null, mask };
  }

  /** What the frozen teacher writes, having read the feedback: its likeliest text, and samples. Drawn once a round. */
  private async taught(one: Prepared, step: number): Promise<number[][]> {
    const known = this.byTeacher.get(one.event.id);
    if (known) return known;
    const samples = await this.draw(one.teacherPrompt!, one, step, null);
    const [best] = await this.draw(one.teacherPrompt!, one, step, null, 0);
    const made = (best ? [best, ...samples] : samples).map(({ ids }) => ids);
    this.byTeacher.set(one.event.id, made);
    return made;
  }

  private async draw(
    prompt: readonly number[],
    one: Prepared,
    step: number,
    adapter: Adapter | null,
    temperature = this.options.temperature,
  ): Promise<Drawn[]> {
    const { tokenizer, format } = this.model;
    const decoder = await this.decoder();
    decoder.setAdapter(adapter);
    const bannedIds = tokenizer.specialIds().filter((id) => !format.stopIds.includes(id));
    const requests = Array.from({ length: temperature > 0 ? this.options.samplesPerEvent : 1 }, (_, i) => ({
      prompt,
      maxTokens: this.options.responseTokens,
      stopIds: format.stopIds,
      bannedIds,
      temperature,
      seed: (this.options.seed * 7919 + one.event.id * 104_729 + step * 31 + i) >>> 0,
    }));
    const made = await decoder.generateBatch(requests);
    this.drawn += made.length;
    // The stop token is part of what was sampled, and is scored.
    return made.map(({ ids, logProbs, reason }) => ({
      ids: reason === 'stop' ? [...ids, format.stopIds[0]!] : ids,
      logProbs,
    }));
  }

  private body(ids: readonly number[]): number[] {
    return ids.filter((id) => !this.model.format.stopIds.includes(id));
  }
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
  const kind = terms.onPolicyKind === 'sampled' ? 'reverse' : terms.onPolicyKind;
  return {
    prompt,
    response: ids,
    ...(mask ? { mask } : {}),
    ...rewarded,
    divergence: { kind, weight: share * terms.onPolicy * kept, ...teacher },
  };
}
