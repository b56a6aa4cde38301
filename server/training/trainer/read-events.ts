/** The first part of a round: events become token ids, pass the gates, and get the teacher's answer where no one wrote one. */
import { tokenAdvantages } from '../../learning/advantages';
import { teacherItems } from '../../learning/contexts';
import { leadLength } from '../../learning/healing';
import type { Adapter, Decoder, Model, ResponseRow, Scorer } from '../../model/types';
import type { LearningEvent } from '../../store/records';
import { ParseCheck, type ParseVerdict } from '../../syntax/parse-check';
import { type AnswerParts, teacherAnswers } from '../augment/answers';
import { withoutPrecedents } from '../augment/precedents';
import { controlEvent, gateEvent } from '../gates/gates';
import type { EventGates, TrainingJob } from '../types';
import type { Methods, RoundHooks } from './hooks';
import { answered, type Prepared, prepare, promptWithItems } from './prepare';

/** Share of a round's progress bar that reading takes. */
export const READING_SHARE = 0.1;
/** Tokens whose log-probs are looked at for the alternatives of a position. */
const ALTERNATIVES_FROM = 12;
/** Events that are scored together. */
const READ_AHEAD = 8;

export interface ReadingParts {
  model: Model;
  job: TrainingJob;
  scorer: Scorer;
  decoder: () => Promise<Decoder>;
  /** The student as it stands; null is the base model. */
  start: Adapter | null;
  hooks: RoundHooks;
  yieldToEventLoop: () => Promise<void>;
}

/**
 * Prepares, gates and explains the new events of a job.
 * @returns those that passed, and how many samples were drawn for their answers
 */
export async function readEvents(parts: ReadingParts): Promise<{ passed: Prepared[]; drawn: number }> {
  const { model, job, scorer, decoder, start, hooks, yieldToEventLoop } = parts;
  const all = prepareAll(model, job, hooks.methods);
  const passed: Prepared[] = [];
  const gates: EventGates[] = [];
  const parsers = new ParseCheck();
  let drawn = 0;
  const answering: AnswerParts = {
    model,
    decoder,
    scorer,
    parsers,
    options: job.options,
    reward: hooks.methods?.reward ?? null,
    drawn: (count) => {
      drawn += count;
    },
  };
  const others = all.map((one) => (hooks.methods?.feedbackFor ? null : controlEvent(one, all)));
  const controls = all.map((one, i) => controlPrompt(parts, one.event, others[i]!));
  for (const [index, one] of all.entries()) {
    if (index % READ_AHEAD === 0)
      await readAhead(parts, all.slice(index, index + READ_AHEAD), controls.slice(index, index + READ_AHEAD));
    await yieldToEventLoop();
    const shuffled = controls[index]!;
    const { event } = one;
    const parse = event.solution === null ? null : await parsers.verdict(event, event.solution);
    let verdict = await gateEvent(one, shuffled, scorer, start, parse);
    if (!verdict.passed && parse !== 'breaks' && !hooks.methods?.feedbackFor)
      verdict = (await gateWithoutPrecedents(parts, event, others[index]!, parse)) ?? verdict;
    gates.push(verdict);
    if (verdict.passed || !job.gated) {
      await answer(answering, job, one, verdict);
      passed.push(one);
    }
    await reportAdvantages(parts, one);
    hooks.phase?.('Reading the feedback', (READING_SHARE * (index + 1)) / all.length);
  }
  hooks.gates?.(gates);
  return { passed, drawn };
}

/** This event's code behind another event's feedback; null where there is no unlike other. */
function controlPrompt(
  { model, job }: ReadingParts,
  event: LearningEvent,
  other: Prepared | null,
): number[] | null {
  if (!other) return null;
  return promptWithItems(model, event, teacherItems(other.event, job.objective.context), job.options);
}

/**
 * The same correction as the first of its kind: a model that copies well finds the kept text likely where those before it stand
 * corrected above, with and without the feedback, and knows nothing of it in the next file.
 * @returns the verdict where it passes so; null where it does not, or nothing like it stands there
 */
async function gateWithoutPrecedents(
  parts: ReadingParts,
  event: LearningEvent,
  other: Prepared | null,
  parse: ParseVerdict | null,
): Promise<EventGates | null> {
  const bare = withoutPrecedents(event);
  if (!bare) return null;
  const { model, job, scorer, start } = parts;
  const one = prepare(model, bare, job.objective, job.options);
  const verdict = await gateEvent(one, controlPrompt(parts, bare, other), scorer, start, parse);
  return verdict.passed ? verdict : null;
}

/** Scores together what the gates and the advantages ask of these events one by one; the scorer remembers it. */
async function readAhead(
  { scorer, hooks }: ReadingParts,
  events: readonly Prepared[],
  controls: readonly (number[] | null)[],
): Promise<void> {
  const gated: ResponseRow[] = [];
  const explained: ResponseRow[] = [];
  for (const [i, one] of events.entries()) {
    const response = one.kept?.ids ?? one.offered;
    const prompts = [one.prompt, one.teacherPrompt, controls[i]!].filter((prompt) => prompt !== null);
    gated.push(...prompts.map((prompt) => ({ prompt, response })));
    const shown = one.offered.length > 0 ? one.offered : response;
    if (hooks.advantages && one.teacherPrompt)
      explained.push({ prompt: one.prompt, response: shown }, { prompt: one.teacherPrompt, response: shown });
  }
  await scorer.scoreMany(explained, null, ALTERNATIVES_FROM);
  await scorer.scoreMany(gated, null, 0);
}

function prepareAll(model: Model, job: TrainingJob, methods: Methods | undefined): Prepared[] {
  const { objective, options, events } = job;
  const items = methods?.itemsFor?.(events);
  const own = events.map((event) => prepare(model, event, objective, options, items?.get(event.id) ?? event));
  const feedbackFor = methods?.feedbackFor;
  if (!feedbackFor) return own;
  return own.map((one) => prepare(model, one.event, objective, options, feedbackFor(one, own).event));
}

/** Gives an event without a kept text the teacher's answers, where the objective wants them; the best is stored with its gates. */
async function answer(parts: AnswerParts, job: TrainingJob, one: Prepared, gates: EventGates): Promise<void> {
  const terms = job.objective.withAnswer;
  if (!terms || one.kept) return;
  const answers = await teacherAnswers(parts, one, job.options.answersKept);
  one.answers = answers.map(({ text }) => answered(parts.model, one, text, terms, job.options));
  const [best] = answers;
  const name = best ? `the teacher's answer: ${best.text.trim()}` : "no answer of the teacher's holds";
  gates.gates.push({ name, passed: best !== undefined, value: best?.logProb ?? null, threshold: null });
}

/** What the feedback says of each token of the completion, before anything is trained. */
async function reportAdvantages(parts: ReadingParts, one: Prepared): Promise<void> {
  const { model, scorer, start, hooks } = parts;
  const ids = one.offered.length > 0 ? one.offered : (one.kept?.ids ?? []);
  if (!hooks.advantages || !one.teacherPrompt || ids.length === 0) return;
  const student = await scorer.score(one.prompt, ids, start, ALTERNATIVES_FROM);
  const teacher = await scorer.score(one.teacherPrompt, ids, null, ALTERNATIVES_FROM);
  const lead = leadLength(model.tokenizer, one.given, ids);
  hooks.advantages(
    one.event.completionId,
    one.feedback,
    tokenAdvantages(model.tokenizer, ids, student, teacher).slice(lead),
  );
}
