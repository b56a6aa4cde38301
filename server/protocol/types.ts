/**
 * Plain data shared by the extension, the server, its worker and its trainer.
 * Times are milliseconds since the epoch; lines and characters are zero-based UTF-16, as in LSP.
 */

import type { Cost } from './cost';
import type { SignalKind } from './signals';

export type { SignalKind };

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** What became of a completion. The later one wins in the panel; all are stored. */
export type OutcomeKind =
  | 'shown'
  | 'accepted'
  | 'accepted-partially'
  | 'typed-through'
  | 'rejected'
  | 'ignored'
  | 'superseded';

/** How sure the outcome is: 'observed' came from the editor itself, 'inferred' from what was typed next. */
export type Confidence = 'observed' | 'inferred';

/** Where a learning event stands. 'dropped' and 'gated-out' carry a reason. */
/** 'rolled-back': only an adapter that the developer took back had learned it; nothing reads it until they say so. */
export type EventStatus =
  | 'waiting'
  | 'ready'
  | 'gated-out'
  | 'dropped'
  | 'trained'
  | 'held-out'
  | 'rolled-back';

/** Server state for the status bar. */
export type ServerActivity = 'starting' | 'idle' | 'completing' | 'training' | 'paused' | 'error';

export interface ServerStatus {
  activity: ServerActivity;
  /** One sentence for the tooltip; for 'error' it says what is wrong and what to do. */
  message: string;
  /** Short model name and the device that really runs it. */
  model: string;
  device: string;
  /** Adapter in use: its sequence number, or null for the base model. */
  adapter: number | null;
  /** Learning events ready to be trained on. */
  readyEvents: number;
  /** Stored completions in all. */
  completions: number;
  learningPaused: boolean;
  trusted: boolean;
  /** Training progress in [0, 1], where a round runs. */
  progress?: number;
}

/** A model on this machine, as the picker shows it. */
export interface ModelChoice {
  name: string;
  /** A folder or a GGUF file; empty for the embedded model. */
  path: string;
  /** Whose files these are: 'ollama', 'lm-studio', 'hugging-face', 'llama.cpp' or 'hindsight'. */
  store: string;
  /** Bytes. */
  size: number;
  precision: string | null;
  /** Tokens; null where it is not known. */
  context: number | null;
  fillInTheMiddle: boolean;
  /** true, or why it does not run here. */
  runs: true | string;
  /** null where it is not known. */
  cost: Cost | null;
  /** Why it is the best choice here; null where it is not. */
  best: string | null;
}

/** A model that can be fetched. */
export interface CatalogueChoice {
  /** What `hindsight/fetchPlan` takes. */
  id: string;
  /** Where it would come from. */
  address: string;
  /** Bytes, perhaps rounded. */
  size: number;
  licence: string;
  fillInTheMiddle: boolean;
  /** For whom, in one sentence. */
  purpose: string;
}

/** What fetching a model means, before any of it is fetched. */
export interface FetchPlan {
  name: string;
  /** The page that a person would look at. */
  page: string;
  /** null where nobody says. */
  licence: string | null;
  /** Bytes, and how many of them are not here yet. */
  size: number;
  missing: number;
  folder: string;
}

/** One token of a completion with its place in the heat strip. */
export interface TokenAdvantage {
  /** The token's text as decoded alone. */
  token: string;
  /** log π_T(y_t|x,f,y<t) − log π(y_t|x,y<t), in nats. */
  advantage: number;
  studentLogProb: number;
  teacherLogProb: number;
  /** The tokens the teacher would raise or lower most at this position. */
  alternatives: { token: string; advantage: number; teacherLogProb: number; studentLogProb: number }[];
}

/** A row of the panel's list. */
export interface EventSummary {
  completionId: string;
  createdAt: number;
  uri: string;
  /** Path shown to the reader, relative to its workspace folder where it has one. */
  path: string;
  languageId: string;
  line: number;
  text: string;
  outcome: OutcomeKind | null;
  confidence: Confidence | null;
  keptText: string | null;
  signals: SignalKind[];
  status: EventStatus | null;
  /** Why it was dropped or gated out, in one sentence. */
  reason: string | null;
}

/** Everything the panel shows of one completion. */
export interface EventStory extends EventSummary {
  prefix: string;
  suffix: string;
  adapter: number | null;
  modelHash: string;
  latencyMs: number;
  outcomes: { kind: OutcomeKind; confidence: Confidence; at: number }[];
  kept: { at: number; afterMs: number; reason: string; text: string; editDistance: number }[];
  feedback: { kind: SignalKind; at: number; text: string }[];
  gate: { name: string; passed: boolean; value: number | null; threshold: number | null }[];
  advantages: { roundId: number | null; context: string; tokens: TokenAdvantage[] } | null;
}

export interface RoundSummary {
  id: number;
  startedAt: number;
  endedAt: number | null;
  state:
    | 'running'
    | 'promoted'
    | 'kept-insufficient-evidence'
    | 'rejected'
    | 'cancelled'
    | 'failed'
    | 'rolled-back';
  /** One sentence that says why it ended so. */
  message: string;
  events: number;
  steps: {
    step: number;
    loss: number;
    distillation: number;
    crossEntropy: number;
    anchor: number;
    gradNorm: number;
  }[];
  /** Mean log-prob per token of the kept texts before and after, where measured. */
  logProbBefore: number | null;
  logProbAfter: number | null;
  /** Share of the gradient that came from distillation rather than plain text, in [0, 1]. */
  distillationShare: number | null;
  /** Decisions with their figures: promotion, leak, drift, forgetting. */
  decisions: {
    name: string;
    passed: boolean;
    value: number | null;
    threshold: number | null;
    note: string;
  }[];
  adapter: number | null;
  seconds: number | null;
}

/** A place where what was learned can be seen: behind this line. */
export interface PlaceToTry {
  uri: string;
  path: string;
  /** From 0. */
  line: number;
}

/** One bucket of the acceptance chart. */
export interface AcceptancePoint {
  /** Start of the bucket. */
  at: number;
  shown: number;
  accepted: number;
  /** Mean share of the accepted text that was kept, in [0, 1]; null where nothing was accepted. */
  keptRate: number | null;
}

export interface EventFilter {
  signal?: SignalKind;
  outcome?: OutcomeKind;
  languageId?: string;
  /** Substring of the path. */
  path?: string;
  status?: EventStatus;
}

/** How the import of an adapter ended. */
export interface ImportedAdapter {
  /** Its number where it is in use; null where a gate said no. */
  adapter: number | null;
  message: string;
  notices: string[];
}
