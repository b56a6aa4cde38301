/** Records of the feedback store. Times in ms since the epoch; token ids are stored, never re-tokenised. */
import type {
  AcceptancePoint,
  Confidence,
  EventFilter,
  EventStatus,
  EventStory,
  EventSummary,
  OutcomeKind,
  RoundSummary,
  SignalKind,
  TokenAdvantage,
} from '../protocol/types';

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

/** The only door to SQLite. Every method resolves after the rows are on disk (WAL, synchronous FULL for events). */
export interface FeedbackStore {
  addCompletion(record: CompletionRecord): Promise<void>;
  addOutcome(record: OutcomeRecord): Promise<void>;
  addKept(record: KeptRecord): Promise<void>;
  addFeedback(record: FeedbackRecord): Promise<void>;
  getCompletion(id: string): Promise<CompletionRecord | null>;
  /** Accepted completions of a document since `since` from which nothing was learned yet, newest first, a bounded number. */
  acceptedIn(uri: string, since: number): Promise<StandingRecord[]>;
  /** The completion that was shown or accepted last; null where none was. */
  lastSeen(): Promise<string | null>;
  /** Creates or updates the learning event of a completion. */
  putEvent(event: Omit<LearningEvent, 'id' | 'createdAt' | 'updatedAt'>): Promise<number>;
  setEventStatus(id: number, status: EventStatus, reason: string | null, gates?: Gate[]): Promise<void>;
  /** Events by status, oldest first. */
  learningEvents(query: { statuses: EventStatus[]; limit: number }): Promise<LearningEvent[]>;
  /** The learning event of one completion, or null. */
  learningEventOf(completionId: string): Promise<LearningEvent | null>;
  countEvents(status: EventStatus): Promise<number>;
  countCompletions(): Promise<number>;
  setAdvantages(
    completionId: string,
    roundId: number | null,
    context: string,
    tokens: TokenAdvantage[],
  ): Promise<void>;
  /** Starts a round and returns its id. */
  startRound(at: number, events: number): Promise<number>;
  updateRound(round: RoundSummary): Promise<void>;
  addAdapter(record: Omit<AdapterRecord, 'id' | 'active'>): Promise<number>;
  /** null activates the base model. */
  activateAdapter(id: number | null): Promise<void>;
  activeAdapter(modelHash: string): Promise<AdapterRecord | null>;
  adapters(modelHash: string): Promise<AdapterRecord[]>;
  /** One trainer per machine: true if the lease was taken or renewed by `holder`. */
  takeLease(name: string, holder: string, ttlMs: number): Promise<boolean>;
  releaseLease(name: string, holder: string): Promise<void>;
  getValue(key: string): Promise<string | null>;
  setValue(key: string, value: string): Promise<void>;
  listEvents(
    filter: EventFilter,
    offset: number,
    limit: number,
  ): Promise<{ total: number; events: EventSummary[]; languages: string[] }>;
  eventStory(completionId: string): Promise<EventStory | null>;
  rounds(limit: number): Promise<RoundSummary[]>;
  acceptance(bucketMs: number, limit: number): Promise<AcceptancePoint[]>;
  /** Removes rows for good (secure_delete); returns what went, and the adapters that had learned from them. */
  deleteData(scope: {
    scope: 'all' | 'file' | 'event';
    uri?: string;
    completionId?: string;
  }): Promise<{ completions: number; adapters: AdapterRecord[] }>;
  /** Which events a round trained on, so that deletion knows its adapters. */
  linkRoundEvents(roundId: number, eventIds: number[]): Promise<void>;
  close(): Promise<void>;
}
