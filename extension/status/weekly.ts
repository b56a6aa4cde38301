/** A line a week: what was learned, and what it was worth. Knows nothing of the editor. */
import { lessonWords, mainRule } from '../../server/protocol/round-words';
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
  const what = `This week: learned from ${learned === 1 ? 'one correction' : `${learned} corrections`}${rule ? `, most of all ${lessonWords(rule)}` : ''}.`;
  const worth = worthOf(weeks, now);
  return worth === null ? what : `${what} ${worth}`;
}

function worthOf(weeks: readonly AcceptancePoint[], now: number): string | null {
  const [last, before] = [1, 2].map((age) => {
    const own = weeks.filter(({ at }) => at > now - age * WEEK_MS && at <= now - (age - 1) * WEEK_MS);
    const shown = own.reduce((sum, one) => sum + one.shown, 0);
    const accepted = own.reduce((sum, one) => sum + one.accepted, 0);
    return shown < LEAST_SHOWN ? null : Math.round((100 * accepted) / shown);
  });
  if (last === null || last === undefined) return null;
  if (before === null || before === undefined) return `You took ${last} % of what was offered.`;
  return `You took ${last} % of what was offered; the week before, ${before} %.`;
}
