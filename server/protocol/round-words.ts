/** How a round ended, in words for whoever has never read about learning machines. The field's words are beside it, in `message`. */
import type { RuleView } from './rules';
import type { RoundSummary } from './types';

/** A rule as it is told: what was offered, and what stands there instead. */
export interface Lesson {
  /** Null where the offers have nothing in common. */
  from: string | null;
  to: string;
}

export const correctionsText = (count: number): string =>
  count === 1 ? 'one correction' : `${count} corrections`;

/** One or two sentences. @param lesson what most of its corrections say, where they say the same */
export function roundWords(round: RoundSummary, lesson: Lesson | null = null): string {
  const { state, events, decisions } = round;
  const learned = `Learned from ${correctionsText(events)}${lesson ? `: ${lessonWords(lesson)}` : ''}.`;
  switch (state) {
    case 'promoted':
      return learned;
    case 'kept-insufficient-evidence':
      return `${learned} There were too few corrections to check it on others, so watch whether it fits; Roll Back undoes it.`;
    case 'rejected':
      return `Nothing was changed: ${refusal(decisions)}`;
    case 'cancelled':
      return 'It was stopped; nothing was changed.';
    case 'rolled-back':
      return `${learned} It was rolled back.`;
    case 'running':
      return 'Learning.';
    case 'failed':
      return round.message;
  }
}

/** The first thing that spoke against it, and what would help. */
function refusal(decisions: RoundSummary['decisions']): string {
  const failed = new Set(decisions.filter(({ passed }) => !passed).map(({ name }) => name));
  if (failed.has('replay') || failed.has('replay since the base'))
    return 'what was learned would have made completions of other code worse. More corrections of the same kind help.';
  if (failed.has('length'))
    return 'completions of other code would have become much longer or shorter. More corrections of the same kind help.';
  if (failed.has('leak'))
    return 'your own words would have come up in completions. Comments that say what is wrong, without code to copy, help.';
  if (failed.has('held-out'))
    return 'completions at other places did not get better by it. A few more corrections of the same kind help.';
  return 'it did not pass the checks. The details say which.';
}

/** What is shown of a form, in characters. */
const LONGEST = 44;

export function lessonWords({ from, to }: Lesson): string {
  return from === null ? `\`${short(to)}\`` : `\`${short(from)}\` → \`${short(to)}\``;
}

/** On one line; the end of a long form is left out, with what is in its brackets where that is enough. */
function short(form: string): string {
  const line = form.trim().split('\n')[0]!.trim();
  if (line.length <= LONGEST) return line;
  const bracket = line.indexOf('(');
  if (bracket > 0 && bracket <= LONGEST - 3) return `${line.slice(0, bracket)}(…)`;
  return `${line.slice(0, LONGEST - 1)}…`;
}

/** The rule that most corrections say, of those that are learned; null where no two say the same. */
export function mainRule(rules: readonly RuleView[]): RuleView | null {
  const told = rules.filter(({ state, count }) => state === 'on' && count > 1);
  return told.sort((a, b) => b.count - a.count)[0] ?? null;
}
