/** Rules: corrections that say the same. */

/** 'off' and 'deleted': nothing reads its corrections, those still to come too. A deleted one is listed apart. */
export type RuleState = 'on' | 'off' | 'deleted';
/** Kept with the rule; corrections count in all projects so far, whatever it says. */
export type RuleScope = 'project' | 'everywhere';

/** Where a rule was said. */
export interface RulePlace {
  completionId: string;
  uri: string;
  path: string;
  /** From 0. */
  line: number;
  at: number;
}

export interface RuleView {
  key: string;
  language: string;
  /** What was offered, its holes as `$x`; null where the offers have no form in common. */
  from: string | null;
  to: string;
  /** What it says in a sentence: edited, or as the developer said it of a correction; null where nobody did. */
  sentence: string | null;
  state: RuleState;
  scope: RuleScope;
  count: number;
  /** The newest first, at most 50. */
  places: RulePlace[];
}

export interface RuleChange {
  state?: RuleState;
  scope?: RuleScope;
  /** '' takes an edited sentence back. */
  sentence?: string;
}
