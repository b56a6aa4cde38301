import type { FeedbackItem } from '../../learning/feedback-text';
import { findRules } from '../../learning/rules/rule-book';
import { ruleItems } from '../../learning/rules/teacher';
import type { LearningEvent } from '../../store/records';
import type { Reward } from '../../training/augment/answers';
import { controlEvent } from '../../training/gates/gates';
import type { Methods } from '../../training/trainer/hooks';
import type { Experiment } from './experiment';
import { ExperimentRows } from './rows';
import { TEACHERS } from './teachers';

/** What a round does otherwise for an experiment. */
export function methodsOf(experiment: Experiment, reward: Reward | null = null): Methods {
  const {
    teacher = 'frozen',
    teacherRate = 0,
    shuffled,
    ruled,
    tested,
    sampled,
    grpo,
    warmStart,
  } = experiment;
  const ownRows = experiment.sampler !== 'teacher' || sampled || grpo || warmStart !== undefined;
  return {
    teacher: (scorer, topK) => TEACHERS[teacher](scorer, topK, teacherRate),
    ...(ownRows ? { rows: (parts) => new ExperimentRows(parts, experiment, reward) } : {}),
    ...(shuffled
      ? { feedbackFor: (one, all) => controlEvent(one, all) ?? all[(all.indexOf(one) + 1) % all.length]! }
      : {}),
    ...(ruled ? { itemsFor: itemsByRule } : {}),
    ...(tested && reward ? { reward } : {}),
  };
}

/** The rules among the corrections, each as its places' teacher reads it. */
function itemsByRule(events: readonly LearningEvent[]): Map<number, readonly FeedbackItem[]> {
  const byId = new Map(events.map((event) => [event.id, event]));
  const items = new Map<number, readonly FeedbackItem[]>();
  for (const rule of findRules(events)) {
    const places = rule.places.map((id) => byId.get(id)!);
    for (const [i, event] of places.entries()) {
      // Others for each place: those that follow it in turn.
      const others = [...places.slice(i + 1), ...places.slice(0, i)].reverse();
      const own = ruleItems(event, rule, others);
      if (own) items.set(event.id, own);
    }
  }
  return items;
}
