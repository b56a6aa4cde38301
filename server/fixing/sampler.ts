/** Draws attempts: what the model writes in place of the range. */

import { fitFeedback } from '../learning/contexts';
import type { FeedbackItem } from '../learning/feedback-text';
import { behindGiven, spelled } from '../learning/healing';
import { buildPrompt, type Prompt, promptBudget } from '../learning/prompt';
import type { Adapter, Decoder, Model } from '../model/types';
import { ParseCheck } from '../syntax/parse-check';
import { attemptEnd, attemptText, type EndRule, endRule } from './attempt-end';
import { endsTheRun } from './ends-the-run';
import type { Problem } from './problem';
import type { Attempt } from './types';

/** Code that is read before the range; a problem is read once, so that more than a completion's is affordable. */
const MOST_PROMPT_TOKENS = 640;
const FEEDBACK_TOKENS = 256;
const LEAST_TOKENS = 48;
const MOST_TOKENS = 320;

export interface Draw {
  count: number;
  adapter: Adapter | null;
  /** What the model reads before the code; none for a student. */
  feedback: readonly FeedbackItem[];
  temperature: number;
  seed: number;
  signal?: AbortSignal;
}

export class Sampler {
  private readonly rule: EndRule;
  private readonly maxTokens: number;
  private readonly parsers = new ParseCheck();
  /** The indentation that the range begins with: known, so it is not sampled. */
  private readonly lead: string;
  readonly prompt: Prompt;

  constructor(
    private readonly model: Model,
    private readonly decoder: Decoder,
    private readonly problem: Problem,
  ) {
    this.rule = endRule(problem.failing, problem.suffix);
    this.lead = /^[ \t]*/.exec(problem.failing)![0];
    const length = model.tokenizer.encodeText(problem.failing).length;
    this.maxTokens = Math.min(MOST_TOKENS, Math.max(LEAST_TOKENS, 2 * length + 16));
    this.prompt = this.promptWith([]);
  }

  /** The prompt of a model that reads `items` first: the teacher's. */
  promptWith(items: readonly FeedbackItem[]): Prompt {
    const { tokenizer, format, contextLength } = this.model;
    const budget = promptBudget(contextLength, this.maxTokens, MOST_PROMPT_TOKENS + FEEDBACK_TOKENS);
    const feedback = items.length > 0 ? fitFeedback(items, tokenizer, FEEDBACK_TOKENS) : undefined;
    return buildPrompt({
      format,
      tokenizer,
      path: this.problem.path,
      prefix: this.problem.prefix + this.lead,
      suffix: this.problem.suffix,
      budget: items.length > 0 ? budget : { ...budget, prompt: Math.min(budget.prompt, MOST_PROMPT_TOKENS) },
      ...(feedback ? { feedback } : {}),
    });
  }

  /** @returns `count` attempts, drawn independently; fewer where it was cancelled */
  async draw({ count, adapter, feedback, temperature, seed, signal }: Draw): Promise<Attempt[]> {
    const { tokenizer, format } = this.model;
    const { ids: prompt, given } = feedback.length > 0 ? this.promptWith(feedback) : this.prompt;
    const begun = spelled(tokenizer, format, given);
    const bannedIds = tokenizer.specialIds().filter((id) => !format.stopIds.includes(id));
    this.decoder.setAdapter(adapter);
    const textOf = (ids: readonly number[]) => this.lead + behindGiven(tokenizer.decode(ids), given);
    const requests = Array.from({ length: count }, (_, i) => ({
      ...begun,
      prompt,
      maxTokens: this.maxTokens + (begun.draft?.length ?? 0),
      stopIds: format.stopIds,
      bannedIds,
      temperature,
      seed: (seed * 104_729 + i * 7919) >>> 0,
      signal,
      onToken: (id: number, ids: readonly number[]) =>
        // A line's end is looked for only where a token can have ended one.
        tokenizer.decode([id]).includes('\n') && attemptEnd(textOf(ids), this.rule) >= 0,
    }));
    const made = await this.decoder.generateBatch(requests);
    const attempts: Attempt[] = [];
    for (const { ids, logProbs, reason } of made) {
      if (reason === 'cancelled') continue;
      const text = attemptText(textOf(ids), this.rule, reason === 'stop');
      const own = this.idsWithin(ids, text, textOf);
      attempts.push({
        text,
        ids: own,
        logProbs: logProbs.slice(0, own.length),
        score: null,
        dropped: await this.whyDropped(text),
      });
    }
    return attempts;
  }

  /** The tokens that write the attempt, without what lies behind its end. */
  private idsWithin(
    ids: readonly number[],
    text: string,
    textOf: (ids: readonly number[]) => string,
  ): number[] {
    let length = ids.length;
    while (length > 0 && textOf(ids.slice(0, length - 1)).trimEnd().length >= text.length) length--;
    return ids.slice(0, length);
  }

  private async whyDropped(text: string): Promise<Attempt['dropped']> {
    const { problem } = this;
    if (text.trim() === '') return 'empty';
    if (text === problem.failing) return 'unchanged';
    if (endsTheRun(text, problem.failing)) return 'ends the run';
    const place = { ...problem, languageId: '' };
    return (await this.parsers.verdict(place, text)) === 'breaks' ? 'does not parse' : null;
  }
}

/** What the teacher reads of a failing run, in the form that rounds use. */
export function failureItem(failure: string): FeedbackItem {
  return { kind: 'test', text: failure };
}
