/**
 * What a teacher reads of a rule: what it says, and two of its other places. Never the place's own text: distillation then takes
 * up what they share, and there is nothing to copy.
 */
import type { LearningEvent } from '../../store/records';
import { type FeedbackItem, keptItem } from '../feedback-text';
import type { Rule } from './rule-book';

/** Places shown besides the rule. */
const MOST_OTHERS = 2;

/**
 * @param others the rule's other corrections, the nearest last; of those that repeat the event's own text none is shown
 * @returns items for the event, the rule's sentence or its form first; null where there is no other correction
 */
export function ruleItems(
  event: Pick<LearningEvent, 'id' | 'solution'>,
  rule: Pick<Rule, 'sentence' | 'to'>,
  others: readonly Pick<LearningEvent, 'id' | 'prefix' | 'solution' | 'suffix'>[],
): FeedbackItem[] | null {
  const own = event.solution?.trim();
  const shown = others
    .filter(({ id, solution }) => id !== event.id && solution !== null && solution.trim() !== own)
    .slice(-MOST_OTHERS);
  if (shown.length === 0) return null;
  const kept = shown.map((one) => keptItem(one.prefix, one.solution!, one.suffix));
  return [{ kind: 'words', text: rule.sentence ?? `write ${rule.to}` }, ...kept];
}
