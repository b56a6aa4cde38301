/** One step's training rows: which terms of the objective each event of the batch carries, on what text. */

import { type Random, random } from '../../base/random';
import { spelled } from '../../learning/healing';
import type { SupportedTeacher } from '../../learning/support';
import type { Adapter, TrainingRow } from '../../model/types';
import { withoutPrecedents } from '../augment/precedents';
import { renamed } from '../augment/rename';
import type { Terms } from '../types';
import type { RowParts, RowSource } from './hooks';
import { type Prepared, prepare } from './prepare';

/** Share of the rows that show a correction as the first of its kind. */
const BARE_SHARE = 0.5;

/** A sample with what the teacher says of it. */
interface Sample {
  ids: number[];
  teacher: SupportedTeacher;
}

export interface Drawn {
  ids: number[];
  logProbs: number[];
}

export class RowMaker implements RowSource {
  private readonly onKept = new Map<number, SupportedTeacher>();
  private readonly byTeacher = new Map<number, number[][]>();
  /** Forms that a correction is shown in, by their number. */
  private readonly forms = new Map<Prepared, Map<number, Prepared>>();
  private readonly samples = new Map<number, { step: number; list: Sample[] }>();
  private readonly renameShare: number;
  drawn = 0;
  readonly mayRest: boolean = false;

  constructor(protected readonly parts: RowParts) {
    // Four corrections have much in common by chance, forty little.
    this.renameShare =
      parts.options.renameShare ?? Math.min(0.75, Math.max(0.4, 3 / Math.max(1, parts.events)));
  }

  async rows(asked: Prepared, step: number, weight: number, live: () => Adapter): Promise<TrainingRow[]> {
    const one = asked.answers?.length ? asked.answers[step % asked.answers.length]! : asked;
    const terms = this.termsAt(one, step);
    const rows = await this.keptRows(one, terms, step, weight, live);
    return [...rows, ...(await this.sampleRows(one, terms, step, weight, live))];
  }

  /** The terms an event carries at a step. */
  protected termsAt(one: Prepared, _step: number): Terms {
    return one.terms;
  }

  private async keptRows(
    one: Prepared,
    terms: Terms,
    step: number,
    weight: number,
    live: () => Adapter,
  ): Promise<TrainingRow[]> {
    if (!one.kept || (terms.crossEntropy === 0 && terms.keptForward === 0)) return [];
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
    return [row];
  }

  /**
   * What the teacher writes is learned with its own distribution. One sample an event and step is as good on average as
   * all of them, and leaves time for more steps.
   */
  protected async sampleRows(
    one: Prepared,
    terms: Terms,
    step: number,
    weight: number,
    live: () => Adapter,
  ): Promise<TrainingRow[]> {
    if (terms.onPolicy === 0 || one.teacherPrompt === null) return [];
    const all = await this.samplesOf(one, step, live);
    if (all.length === 0) return [];
    const { ids, teacher } = all[step % all.length]!;
    const divergence = { kind: terms.onPolicyKind, weight: weight * terms.onPolicy, ...teacher };
    return [{ prompt: one.prompt, response: ids, crossEntropy: 0, divergence }];
  }

  /** The event itself, or where nobody made the correction before, or under other names. A teacher's stored answer belongs to the text it was given for. */
  private shown(one: Prepared, terms: Terms, step: number): Prepared {
    const { options } = this.parts;
    if (terms.keptForward > 0) return one;
    // From the step alone, so that a resumed round makes the same choices.
    const drawn = random(options.seed * 7919 + one.event.id * 104_729 + step * 31);
    if (options.forms === null) return this.form(one, drawn);
    const form = drawn.below(options.forms);
    const forms = this.forms.get(one) ?? new Map<number, Prepared>();
    this.forms.set(one, forms);
    const known = forms.get(form);
    if (known) return known;
    const made = this.form(one, random(options.seed * 7919 + one.event.id * 104_729 + form));
    forms.set(form, made);
    return made;
  }

  private form(one: Prepared, source: Random): Prepared {
    const { model, objective, options, names } = this.parts;
    const rename = source.next() < this.renameShare;
    const bare = source.next() < BARE_SHARE ? withoutPrecedents(one.event) : null;
    const other = (rename ? renamed(bare ?? one.event, names, source) : null) ?? bare;
    const made = other && prepare(model, other, objective, options);
    return made?.kept ? made : one;
  }

  private async teacherOnKept(one: Prepared, live: () => Adapter): Promise<SupportedTeacher> {
    const { teacher } = this.parts;
    const known = this.onKept.get(one.event.id);
    if (known && teacher.isFrozen) return known;
    const made = await teacher.distribution(one.teacherPrompt!, one.prompt, one.kept!.ids, live());
    this.onKept.set(one.event.id, made);
    return made;
  }

  private async samplesOf(one: Prepared, step: number, live: () => Adapter): Promise<Sample[]> {
    const known = this.samples.get(one.event.id);
    // The support holds what the student finds likely, which changes.
    if (known && step - known.step < this.parts.options.refreshSteps) return known.list;
    const list: Sample[] = [];
    for (const ids of await this.taught(one, step)) {
      if (ids.length === 0) continue;
      const teacher = await this.parts.teacher.distribution(one.teacherPrompt!, one.prompt, ids, live());
      list.push({ ids, teacher });
    }
    this.samples.set(one.event.id, { step, list });
    return list;
  }

  /** What the frozen teacher writes, having read the feedback: its likeliest text, and samples. Drawn once a round. */
  protected async taught(one: Prepared, step: number): Promise<number[][]> {
    const known = this.byTeacher.get(one.event.id);
    if (known) return known;
    const samples = await this.draw(one.teacherPrompt!, one, step, null);
    const [best] = await this.draw(one.teacherPrompt!, one, step, null, 0);
    const made = (best ? [best, ...samples] : samples).map(({ ids }) => ids);
    this.byTeacher.set(one.event.id, made);
    return made;
  }

  protected async draw(
    prompt: readonly number[],
    one: Prepared,
    step: number,
    adapter: Adapter | null,
    temperature = this.parts.options.temperature,
  ): Promise<Drawn[]> {
    const { model, options } = this.parts;
    const { tokenizer, format } = model;
    const decoder = await this.parts.decoder();
    decoder.setAdapter(adapter);
    const bannedIds = tokenizer.specialIds().filter((id) => !format.stopIds.includes(id));
    const requests = Array.from({ length: temperature > 0 ? options.samplesPerEvent : 1 }, (_, i) => ({
      ...spelled(tokenizer, format, one.given),
      prompt,
      maxTokens: options.responseTokens,
      stopIds: format.stopIds,
      bannedIds,
      temperature,
      seed: (options.seed * 7919 + one.event.id * 104_729 + step * 31 + i) >>> 0,
    }));
    const made = await decoder.generateBatch(requests);
    this.drawn += made.length;
    // The stop token is part of what was sampled, and is scored.
    return made.map(({ ids, logProbs, reason }) => ({
      ids: reason === 'stop' ? [...ids, format.stopIds[0]!] : ids,
      logProbs,
    }));
  }
}
