/** What a round calls while it runs, and what an experiment puts in place of the product's own way. */

import type { FeedbackItem } from '../../learning/feedback-text';
import type { Adapter, Decoder, Model, Scorer, TrainingRow } from '../../model/types';
import type { TokenAdvantage } from '../../protocol/types';
import type { LearningEvent } from '../../store/records';
import type { Reward } from '../augment/answers';
import type { NameSource } from '../augment/rename';
import type { EventGates, Objective, RoundOptions, Step } from '../types';
import type { Prepared } from './prepare';
import type { Teacher } from './teacher';

export interface RoundHooks {
  phase?(text: string, progress: number): void;
  gates?(gates: EventGates[]): void;
  advantages?(completionId: string, context: string, tokens: TokenAdvantage[]): void;
  step?(step: Step, progress: number): void;
  /** Between micro-batches: waits while paused, throws when cancelled. */
  yieldToEventLoop?(): Promise<void>;
  /** Active milliseconds, pauses not counted. */
  now?(): number;
  methods?: Methods;
}

/** Ways of an experiment; what is left out is done as the product does it. */
export interface Methods {
  teacher?(scorer: Scorer, topK: number): Teacher;
  rows?(parts: RowParts): RowSource;
  /** Whose feedback the teacher reads for an event, of all that the round has. */
  feedbackFor?(one: Prepared, all: readonly Prepared[]): Prepared;
  /** What the teacher reads for each event of the round, by its id; its own feedback where nothing is said. */
  itemsFor?(events: readonly LearningEvent[]): ReadonlyMap<number, readonly FeedbackItem[]>;
  /** Judges the teacher's answers by tests instead of by its own likelihood. */
  reward?: Reward;
}

/** What rows of a step are made from. */
export interface RowParts {
  model: Model;
  scorer: Scorer;
  decoder: () => Promise<Decoder>;
  teacher: Teacher;
  objective: Objective;
  options: RoundOptions;
  names: NameSource;
  /** Events of the round. */
  events: number;
}

export interface RowSource {
  /** Samples drawn so far. */
  readonly drawn: number;
  /** A step without a gradient is no reason to stop: nothing was rewarded in it. */
  readonly mayRest: boolean;
  /**
   * Rows of one event, each weighted so that the event's rows sum to `weight` times its loss (method, "Objective").
   * @param live gives the student as it stands; asked only where samples or a moving teacher need it
   */
  rows(one: Prepared, step: number, weight: number, live: () => Adapter): Promise<TrainingRow[]>;
}
