/** How many tokens a completion's prompt may take. */

import { type PromptBudget, promptBudget } from '../learning/prompt';
import type { Model } from '../model/types';

/** Prefill is what a first completion waits for; more code than this costs more time than it is worth. */
const MOST_CODE_TOKENS = 448;
/** What the context may take on top where nothing is known of the machine's speed. */
const CONTEXT_TOKENS = 512;
/**
 * Models below this many parameters read no context: the embedded one writes the same with it as without, wherever in the
 * prompt it stands (docs/completions.md), and only waits for it.
 */
const LEAST_PARAMETERS = 50e6;

/**
 * @param responseTokens tokens to keep free
 * @param asked most tokens of context, also for a model that reads none of its own accord
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
  const context = asked ?? (parameters < LEAST_PARAMETERS ? 0 : inTime);
  return { ...code, context: Math.min(room, context) };
}
