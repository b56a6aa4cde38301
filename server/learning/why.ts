/**
 * What raised a token: its log-probability with and without the adapter, with and without recall. The gain of both together is
 * shared between them in both orders alike (Shapley 1953), so that the shares sum to the gain.
 */
import type { Cause } from '../protocol/why';

/** Log-probabilities in nats; null where there is no adapter, no recall, or no adapter before one that was imported. */
export interface Likelihood {
  base: number;
  adapter: number | null;
  recall: number | null;
  both: number | null;
  /** With the adapter that was in use before another was imported beside it. */
  before: number | null;
}

/** Less than twice as likely is no cause. */
export const LEAST_GAIN = Math.log(2);

/** With all that there was. */
export function withAll({ base, adapter, recall, both }: Likelihood): number {
  return both ?? adapter ?? recall ?? base;
}

/** What a token, or (from sums) a text, owes most of its gain to. */
export function causeOf(one: Likelihood): Cause {
  const gain = withAll(one) - one.base;
  if (!(gain >= LEAST_GAIN)) return 'base';
  const { base, adapter, recall, both, before } = one;
  const ofRecall = share(base, recall, adapter, both);
  const ofAdapter = share(base, adapter, recall, both);
  if (ofRecall > ofAdapter) return 'recall';
  return before !== null && adapter !== null && adapter - before > before - base ? 'imported' : 'adapter';
}

/** A side's share: its gain alone, and beside the other, each by half. */
function share(base: number, alone: number | null, other: number | null, both: number | null): number {
  if (alone === null) return 0;
  return other === null || both === null ? alone - base : (alone - base + both - other) / 2;
}

/** Of a text: the sums of its tokens'. */
export function sumOf(tokens: readonly Likelihood[]): Likelihood {
  const sum = (key: keyof Likelihood) =>
    tokens.some((token) => token[key] === null) ? null : tokens.reduce((all, token) => all + token[key]!, 0);
  return {
    base: sum('base') ?? 0,
    adapter: sum('adapter'),
    recall: sum('recall'),
    both: sum('both'),
    before: sum('before'),
  };
}
