/** Events as token ids: the student's prompt, the teacher's, the kept text. Made once a round, in the trainer. */

import { fitFeedback, teacherItems } from '../../learning/contexts';
import type { FeedbackItem } from '../../learning/feedback-text';
import { leadLength } from '../../learning/healing';
import { buildPrompt, encodePlain, type Prompt, promptBudget } from '../../learning/prompt';
import { changedMask } from '../../learning/tokens';
import type { Model } from '../../model/types';
import type { LearningEvent } from '../../store/records';
import type { Objective, ReplayRow, RoundOptions, Terms } from '../types';

export interface Prepared {
  event: LearningEvent;
  /** The student's prompt x. */
  prompt: number[];
  /** What the prompts leave out of the code before the cursor; kept and offered ids begin with it. */
  given: string;
  /** The same behind the feedback f; null where the event has none. */
  teacherPrompt: number[] | null;
  /** The feedback as text, for the panel and the leak check. */
  feedback: string;
  /** The kept text y*, its stop token last where it fitted; null where nobody wrote one. */
  kept: { ids: number[]; mask: Float32Array } | null;
  /** The completion as offered, with the stop token where one was sampled. */
  offered: number[];
  /** log π of the offered ids when they were sampled, [S]; null where they were not sampled from this model. */
  offeredLogProbs: number[] | null;
  terms: Terms;
  /** Where nobody wrote the text and the teacher did: the event as if that had been kept, once for each answer. */
  answers?: Prepared[];
}

/**
 * @param feedbackOf whose feedback the teacher reads; the control gives it another event's, an experiment items of its own
 */
export function prepare(
  model: Model,
  event: LearningEvent,
  objective: Objective,
  options: RoundOptions,
  feedbackOf: LearningEvent | readonly FeedbackItem[] = event,
): Prepared {
  const items = 'id' in feedbackOf ? teacherItems(feedbackOf, objective.context) : feedbackOf;
  const feedback = fitFeedback(items, model.tokenizer, options.feedbackTokens);
  const { ids: prompt, given } = promptFor(model, event, options);
  const kept = event.solution === null ? null : keptIds(model, event, given, options);
  return {
    event,
    prompt,
    given,
    teacherPrompt: feedback ? promptFor(model, event, options, feedback).ids : null,
    feedback,
    kept,
    offered: offeredIds(model, event, given).slice(0, options.responseTokens),
    offeredLogProbs: isOurs(model, event, given) ? event.responseLogProbs : null,
    terms: kept ? objective.withText : objective.withoutText,
  };
}

/** The event as if an answer of the teacher had been kept. What the teacher reads stays as it was. */
export function answered(
  model: Model,
  one: Prepared,
  text: string,
  terms: Terms,
  options: RoundOptions,
): Prepared {
  const event = { ...one.event, solution: text };
  return { ...one, event, kept: keptIds(model, event, one.given, options), terms };
}

/** The code next to the cursor, with the same budget with and without feedback: both prompts end in the same ids. */
export function promptFor(
  model: Model,
  event: Pick<LearningEvent, 'path' | 'prefix' | 'suffix' | 'languageId' | 'context'>,
  options: RoundOptions,
  feedback?: string,
): Prompt {
  const { tokenizer, format } = model;
  const parts = { format, tokenizer, path: event.path, prefix: event.prefix, suffix: event.suffix };
  const named = { ...parts, languageId: event.languageId };
  const code = Math.min(options.promptTokens, Math.floor(model.contextLength / 2));
  // Room for the feedback and its frame comes on top, so that it costs the code nothing.
  const frame = feedback
    ? encodePlain(tokenizer, feedback).length + encodePlain(tokenizer, event.path).length + 24
    : 0;
  const { suffix } = promptBudget(code + options.responseTokens, options.responseTokens);
  const budget = { prompt: code + frame, suffix, context: options.contextTokens };
  return buildPrompt({ ...named, feedback, context: event.context, budget });
}

/** Items of another event's feedback as a teacher's prompt for this one, for the control. */
export function promptWithItems(
  model: Model,
  event: LearningEvent,
  items: readonly FeedbackItem[],
  options: RoundOptions,
): number[] {
  return promptFor(model, event, options, fitFeedback(items, model.tokenizer, options.feedbackTokens)).ids;
}

function keptIds(model: Model, event: LearningEvent, given: string, options: RoundOptions): Prepared['kept'] {
  const whole = encodePlain(model.tokenizer, given + (event.solution ?? ''));
  const stop = model.format.stopIds[0];
  const ids = whole.slice(0, options.responseTokens);
  if (ids.length === whole.length && stop !== undefined) ids.push(stop);
  if (ids.length === 0) return null;
  const mask = changedMask(offeredIds(model, event, given), ids);
  return { ids, mask: mask.fill(0, 0, leadLength(model.tokenizer, given, ids)) };
}

/**
 * The completion's ids as they were sampled, never re-tokenised, save where they are not this model's: a store may have
 * been written with another one.
 */
function offeredIds(model: Model, event: LearningEvent, given: string): number[] {
  const stop = model.format.stopIds[0];
  if (!isOurs(model, event, given)) return encodePlain(model.tokenizer, given + event.text);
  const sampledStop = event.responseLogProbs.length === event.responseIds.length + 1;
  return sampledStop && stop !== undefined ? [...event.responseIds, stop] : [...event.responseIds];
}

/** Whether the stored ids say what was offered; filters may have cut its end. */
function isOurs({ tokenizer }: Model, { responseIds, text }: LearningEvent, given: string): boolean {
  if (responseIds.length === 0 || responseIds.some((id) => id >= tokenizer.vocabularySize)) return false;
  const whole = tokenizer.decode(responseIds);
  if (!whole.startsWith(given)) return false;
  const decoded = whole.slice(given.length).trim();
  const offered = text.trim();
  return decoded.startsWith(offered) || offered.startsWith(decoded);
}

/** A replay row is what follows the bare frame of a prompt. */
const emptyPlace = { prefix: '', suffix: '', budget: promptBudget(256, 0) };

/** Where the adapter acts on responses, a row is mostly prompt: that is how it meets code. */
function asResponse(
  row: { prompt: number[]; response: number[] },
  { positions, replayResponse }: RoundOptions,
): { prompt: number[]; response: number[] } {
  const cut = row.response.length - replayResponse;
  if (positions === 'all' || cut <= 0) return row;
  return { prompt: [...row.prompt, ...row.response.slice(0, cut)], response: row.response.slice(cut) };
}

/**
 * A replay row as prompt and response: a window of the text, framed as completions are asked for, so that the anchor
 * holds where the model is used. `place` in [0, 1) says which window.
 */
export function replayIds(
  model: Model,
  row: ReplayRow,
  options: RoundOptions,
  place: number,
): { prompt: number[]; response: number[] } {
  const { tokenizer, format } = model;
  const characters = options.replayTokens * 4;
  const latest = Math.max(0, row.text.length - characters);
  const from = row.text.lastIndexOf('\n', Math.floor(place * latest)) + 1;
  const window = row.text.slice(from, from + characters * 2);
  const response = encodePlain(tokenizer, window).slice(0, options.replayTokens);
  if (format.order === 'spm-continue') {
    const { ids } = buildPrompt({ format, tokenizer, path: row.path ?? 'file.ts', ...emptyPlace });
    return asResponse({ prompt: ids, response }, options);
  }
  // A first token to condition on: nothing predicts the very first.
  return asResponse({ prompt: response.slice(0, 1), response: response.slice(1) }, options);
}
