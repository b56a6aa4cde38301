/** How long a round will take, told by those before it. Knows nothing of the editor. */
import type { RoundSummary } from '../../server/protocol/types';
import { inWords } from './state';

const WHOLE = new Set<RoundSummary['state']>([
  'promoted',
  'kept-insufficient-evidence',
  'rejected',
  'rolled-back',
]);

/**
 * In words, for instance "about 2 min"; null where no round has come to its end yet.
 * @param rounds the latest first
 */
export function roundEstimate(rounds: readonly RoundSummary[]): string | null {
  const seconds = rounds
    .filter(({ state, steps }) => WHOLE.has(state) && steps.length > 0)
    .flatMap(({ seconds }) => seconds ?? [])
    .slice(0, 3)
    .sort((a, b) => a - b);
  const usual = seconds[seconds.length >> 1];
  return usual === undefined ? null : `about ${inWords(1000 * usual)}`;
}
