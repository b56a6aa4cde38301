/** How many tokens a completion's prompt may take. */
import { type PromptBudget, promptBudget } from '../learning/prompt';

/** Prefill is what a first completion waits for; more code than this costs more time than it is worth. */
const MOST_CODE_TOKENS = 448;
/** What the context may take on top where nothing is known of the machine's speed. */
export const CONTEXT_TOKENS = 512;

/**
 * @param contextLength tokens the model was made for
 * @param responseTokens tokens to keep free
 * @param context most tokens of context; what the model's length leaves is the limit too
 */
export function promptBudgetOf(
  contextLength: number,
  responseTokens: number,
  context = CONTEXT_TOKENS,
): PromptBudget {
  const code = promptBudget(contextLength, responseTokens, MOST_CODE_TOKENS);
  const room = Math.max(0, contextLength - responseTokens - code.prompt);
  return { ...code, context: Math.min(room, context) };
}
