/** The end of a round, as it is written down: its figures, what the gates said, what has been learned. */

import type { RoundSummary } from '../../protocol/types';
import type { LearningEvent } from '../../store/records';
import type { FeedbackStore } from '../../store/store';
import type { EventGates, RoundResult } from '../types';
import type { Gathered } from './gather';

/** Puts a result's figures into the round: of held-out corrections where there are any, else of the trained ones. */
export function recordResult(round: RoundSummary, result: RoundResult): void {
  const scores = result.heldOut.length > 0 ? result.heldOut : result.trained;
  const mean = (pick: (score: { before: number; after: number }) => number) =>
    scores.length > 0 ? scores.reduce((sum, score) => sum + pick(score), 0) / scores.length : null;
  round.logProbBefore = mean((score) => score.before);
  round.logProbAfter = mean((score) => score.after);
  round.distillationShare = result.distillationShare;
  round.decisions = result.decisions;
  round.seconds = result.seconds;
}

/** Why the steps ended, for the round's message. */
export function stopNote({ stopped, steps, seconds }: RoundResult): string {
  const time = `${steps} steps in ${Math.round(seconds)} s.`;
  return stopped === 'steps' || stopped === 'time' ? time : `${stopped} ${time}`;
}

/**
 * Writes down what the gates said, and which events have been learned or held out. What was edited during the round stays as it
 * is now, for the next one.
 * @param round whether its adapter is used, and whether the gates decided
 * @returns completions whose event changed
 */
export async function settleEvents(
  store: FeedbackStore,
  gathered: Gathered,
  gates: readonly EventGates[],
  round: { id: number; learned: boolean; gated: boolean },
): Promise<string[]> {
  const byId = new Map(gates.map((one) => [one.eventId, one]));
  const changed: LearningEvent[] = [];
  const trained: LearningEvent[] = [];
  const edited: LearningEvent[] = [];
  for (const event of gathered.fresh) {
    const gate = byId.get(event.id);
    if (!gate) continue;
    changed.push(event);
    // Who has a secret did not get this far.
    const gates = [{ name: 'no secret', passed: true, value: null, threshold: null }, ...gate.gates];
    if (!gate.passed && round.gated) {
      await store.events.settle(event, 'gated-out', gate.reason, gates);
      continue;
    }
    if (await store.events.settle(event, round.learned ? 'trained' : 'ready', null, gates))
      trained.push(event);
    else edited.push(event);
  }
  if (!round.learned) return changed.map(({ completionId }) => completionId);
  for (const event of gathered.newlyHeldOut) {
    await store.events.settle(event, 'held-out', 'Kept aside to check what was learned.');
  }
  const ids = (events: LearningEvent[]) => events.map(({ id }) => id);
  await store.rounds.linkEvents(round.id, ids([...trained, ...gathered.rehearsed]));
  await store.rounds.linkEvents(round.id, ids(edited), false);
  return [...changed, ...gathered.newlyHeldOut].map(({ completionId }) => completionId);
}

/** Rounds that no one ended, since their server was killed. Only the holder of the training lease may call it. */
export async function closeAbandoned(store: FeedbackStore): Promise<void> {
  for (const round of await store.rounds.list(3)) {
    if (round.state !== 'running') continue;
    const message = 'The editor was closed during this round; nothing of it was used.';
    await store.rounds.update({ ...round, state: 'failed', message, endedAt: round.endedAt ?? Date.now() });
  }
}
