/** How many tokens a completion's prompt may take. */

import { type PromptBudget, promptBudget } from '../learning/prompt';
import type { Model } from '../model/types';

/** Prefill is what a first completion waits for; more code than this costs more time than it is worth. */
const MOST_CODE_TOKENS = 448;
/** What the context may take on top where nothing is known of the machine's speed. */
const CONTEXT_TOKENS = 512;
/** Smaller models gain little by context (docs/completions.md), and most by what is worth most of it: edits, definitions. */
const SMALL_PARAMETERS = 50e6;
const SMALL_CONTEXT_TOKENS = 128;

/**
 * @param responseTokens tokens to keep free
 * @param asked most tokens of context, whatever the model and the machine are
 * @param inTime tokens of context that this machine reads in time; what the model's length leaves is the limit too
 */
export function promptBudgetOf(
  { contextLength, parameters }: Pick<Model, 'contextLength' | 'parameters'>,
  responseTokens: number,
  asked?: number,
  inTime = CONTEXT_TOKENS,
): PromptBudget {
  const code = promptBudget(contextLength, responseTokens, MOST_CODE_TOKENS);
  const room = Math.max(0, contextLength - responseTokens - code.prompt);
  const most = parameters < SMALL_PARAMETERS ? SMALL_CONTEXT_TOKENS : Number.POSITIVE_INFINITY;
  const context = asked ?? Math.min(inTime, most);
  return { ...code, context: Math.min(room, context) };
}
