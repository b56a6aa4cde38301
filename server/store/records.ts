/** Records of the feedback store. Times in ms since the epoch; token ids are stored, never re-tokenised. */
import type { ContextPart } from '../prompt-context/types';
import type { Confidence, EventStatus, OutcomeKind, SignalKind } from '../protocol/types';

/** A completion as it was offered. Everything in it has passed redaction. */
export interface CompletionRecord {
  id: string;
  createdAt: number;
  uri: string;
  path: string;
  languageId: string;
  line: number;
  character: number;
  /** Code before and after the cursor, as far as the prompt reached. */
  prefix: string;
  suffix: string;
  /** What the prompt showed besides, in its order; missing where that was nothing. */
  context?: readonly ContextPart[];
  promptIds: number[];
  responseIds: number[];
  /** One per response id, and one more for the stop token where it was sampled. */
  responseLogProbs: number[];
  /** The text that was offered (after filters). */
  text: string;
  modelHash: string;
  /** Adapter sequence number, null for the base model. */
  adapter: number | null;
  latencyMs: number;
}

export interface OutcomeRecord {
  completionId: string;
  kind: OutcomeKind;
  confidence: Confidence;
  at: number;
  acceptedLength: number | null;
}

/** What had become of an accepted text at a moment. */
export interface KeptRecord {
  completionId: string;
  at: number;
  /** Which look this was: '30s', '2min', '10min', 'save', 'train', 'close'. */
  reason: string;
  text: string;
  /** Levenshtein distance to the accepted text over the longer length, in [0, 1]. */
  editDistance: number;
}

/** An accepted completion as a later server finds it. */
export interface StandingRecord {
  completionId: string;
  /** Characters that were accepted; null for all of them. */
  acceptedLength: number | null;
  /** When it was accepted. */
  at: number;
  /** What stood there at the last look; null where nobody looked. */
  keptText: string | null;
}

/** One piece of feedback. `text` is normalised and redacted: test output, a message, words, or the kept text. */
export interface FeedbackRecord {
  completionId: string;
  kind: SignalKind;
  at: number;
  text: string;
}

/**
 * What training reads: a completion with all that is known of it, in one row. `solution` is the text that should have
 * stood there (null where nobody wrote one), from the completion's position on.
 */
export interface LearningEvent {
  id: number;
  completionId: string;
  createdAt: number;
  updatedAt: number;
  uri: string;
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  /** What the prompt showed besides, in its order; missing where that was nothing. */
  context?: readonly ContextPart[];
  promptIds: number[];
  responseIds: number[];
  responseLogProbs: number[];
  text: string;
  solution: string | null;
  /** Normalised test output and diagnostics. */
  output: string | null;
  words: string | null;
  signals: SignalKind[];
  weight: number;
  status: EventStatus;
  reason: string | null;
}

/** How the message of a round begins that was none: an adapter from elsewhere was judged. */
export const IMPORTED = 'Imported adapter.';

export interface AdapterRecord {
  /** Sequence number, from 1. */
  id: number;
  createdAt: number;
  roundId: number;
  modelHash: string;
  hash: string;
  /** Folder in PEFT's format, relative to the storage folder. */
  directory: string;
  /** The adapter it grew from; null for the base model. */
  parent: number | null;
  active: boolean;
}

export interface Gate {
  name: string;
  passed: boolean;
  value: number | null;
  threshold: number | null;
}
