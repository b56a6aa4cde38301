/** A line a week: what was learned, and what it was worth. Knows nothing of the editor. */
import { correctionsText, lessonWords, mainRule } from '../../server/protocol/round-words';
import type { RuleView } from '../../server/protocol/rules';
import type { AcceptancePoint, RoundSummary } from '../../server/protocol/types';

export const WEEK_MS = 7 * 86_400_000;
/** Fewer offers than this say nothing about a share. */
const LEAST_SHOWN = 20;

/**
 * @param rounds the latest first
 * @param weeks what was shown and taken, this week last
 * @returns null where nothing was learned in the week
 */
export function weeklyLine(
  rounds: readonly RoundSummary[],
  rules: readonly RuleView[],
  weeks: readonly AcceptancePoint[],
  now: number,
): string | null {
  const used = rounds.filter(
    ({ state, endedAt }) =>
      (state === 'promoted' || state === 'kept-insufficient-evidence') &&
      endedAt !== null &&
      now - endedAt <= WEEK_MS,
  );
  const learned = used.reduce((sum, { events }) => sum + events, 0);
  if (learned === 0) return null;
  const rule = mainRule(rules);
  const what = `This week: learned from ${correctionsText(learned)}${rule ? `, most of all ${lessonWords(rule)}` : ''}.`;
  const worth = worthOf(weeks, now);
  return worth === null ? what : `${what} ${worth}`;
}

function worthOf(weeks: readonly AcceptancePoint[], now: number): string | null {
  /** Percent taken in a week that ended so many weeks ago; null where too little was shown. */
  const taken = (ago: number): number | null => {
    const until = now - ago * WEEK_MS;
    const own = weeks.filter(({ at }) => at > until - WEEK_MS && at <= until);
    const shown = own.reduce((sum, one) => sum + one.shown, 0);
    const accepted = own.reduce((sum, one) => sum + one.accepted, 0);
    return shown < LEAST_SHOWN ? null : Math.round((100 * accepted) / shown);
  };
  const [last, before] = [taken(0), taken(1)];
  if (last === null) return null;
  if (before === null) return `You took ${last} % of what was offered.`;
  return `You took ${last} % of what was offered; the week before, ${before} %.`;
}
