/** "Why this?": what an offer owes to what was learned. */
import type { RulePlace } from './rules';
import type { TokenAdvantage } from './types';

/** What raised a token or a text: nothing that was learned here, the adapter, one that was imported beside it, or recall. */
export type Cause = 'base' | 'adapter' | 'imported' | 'recall';

/**
 * A token of the offer. As in the heat strip `studentLogProb` is without and `teacherLogProb` with all that was learned, and
 * `advantage` is their difference; in nats.
 */
export interface WhyToken extends TokenAdvantage {
  cause: Cause;
  /** With the adapter alone, and with recall alone; null where there was none. */
  adapterLogProb: number | null;
  recallLogProb: number | null;
}

export interface WhyThis {
  completionId: string;
  text: string;
  cause: Cause;
  /** Says the cause for people. */
  sentence: string;
  /** Key of the rule that raised it; null where it was none. */
  rule: string | null;
  /** The correction that raised it by recall. */
  correction: RulePlace | null;
  /** Probability of the whole text without and with what was learned, in [0, 1]. */
  without: number;
  with: number;
  tokens: WhyToken[];
}
