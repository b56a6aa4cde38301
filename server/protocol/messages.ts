/**
 * The typed custom messages between the extension and the language server. The client wraps each in a
 * RequestType or NotificationType by its method name; both sides take the shapes from here.
 */

import type { FailingTest, FixOutcome, FixRequest, TakenFix } from './fixing';
import type { RuleChange, RuleView } from './rules';
import type { ServerKey, Settings } from './settings';
import type {
  AcceptancePoint,
  CatalogueChoice,
  Confidence,
  EventFilter,
  EventStory,
  EventSummary,
  FetchPlan,
  ImportedAdapter,
  ModelChoice,
  OutcomeKind,
  PlaceToTry,
  Range,
  RoundSummary,
  ServerStatus,
} from './types';
import type { WhyThis } from './why';

/** Notifications, client to server. */
export interface ClientNotifications {
  /** Ghost text of this completion was on screen. */
  'hindsight/shown': { completionId: string; confidence: Confidence; at: number };
  /** The completion was accepted; `acceptedLength` in UTF-16 units where only a part of it was. */
  'hindsight/accepted': { completionId: string; confidence: Confidence; at: number; acceptedLength?: number };
  /** Not taken: rejected by a key, typed otherwise, ignored, or replaced by a newer one. */
  'hindsight/rejected': {
    completionId: string;
    kind: Extract<OutcomeKind, 'rejected' | 'ignored' | 'superseded' | 'typed-through'>;
    confidence: Confidence;
    at: number;
  };
  /**
   * Why the document changed, where the editor knows. Such a change is no correction; what was pasted or put there by a program
   * (an agent, another extension) is one of less weight.
   */
  'hindsight/editReason': {
    uri: string;
    version: number;
    reason:
      | 'undo'
      | 'redo'
      | 'format'
      | 'rename'
      | 'refactoring'
      | 'checkout'
      | 'reload'
      | 'paste'
      | 'program';
  };
  /**
   * A command that ran to its end. Empty `output` means unknown, not "printed nothing". Of a 'report' (JUnit XML, TAP, go test
   * JSON found in the workspace) `command` is the file's path relative to `cwd`, and `output` what it holds.
   */
  'hindsight/run': {
    source: 'terminal' | 'task' | 'run-tests' | 'report';
    command: string;
    cwd: string;
    exitCode: number | null;
    output: string;
    startedAt: number;
    endedAt: number;
  };
  /** Diagnostics of a document, all of them, whenever they change. */
  'hindsight/diagnostics': {
    uri: string;
    version: number;
    items: { range: Range; message: string; severity: 'error' | 'warning'; source: string }[];
  };
  /**
   * The developer's comment or thumb on a completion; null means the last one accepted or shown. Up: the text counts as kept at
   * once. Down: it is not offered at its place again and does not count as kept.
   */
  'hindsight/feedback': { completionId: string | null; text: string; thumbs: 1 | -1 | 0; at: number };
  /** The cursor has come to a place by another way than typing. Lines and characters (UTF-16) from 0. */
  'hindsight/cursor': {
    uri: string;
    version: number;
    position: { line: number; character: number };
    /** Where names near it are declared, as the editor's language servers say, where they have answered in time. */
    declared: { uri: string; line: number }[];
  };
  'hindsight/settings': Settings;
  /** The key of a server that completes, before the settings name it. */
  'hindsight/serverKey': { key: ServerKey };
  'hindsight/trusted': { trusted: boolean };
}

/** Requests, client to server: [parameters, result]. */
export interface ClientRequests {
  /** Names of the models that a server has. Refused with one sentence where it is none that can be used. */
  'hindsight/servedModels': [{ url: string; key: string | null }, { host: string; models: string[] }];
  'hindsight/status': [null, ServerStatus];
  /** Runs one round. Progress through `workDoneToken`; cancellation through the request's own token. */
  'hindsight/trainNow': [{ workDoneToken?: string | number }, RoundSummary];
  /** `undone`: corrections that only the adapter had learned; nothing reads them until `learnAgain`. */
  'hindsight/rollBack': [null, { adapter: number | null; undone: number; message: string }];
  /** Corrections that were rolled back count again: one, or all with null. */
  'hindsight/learnAgain': [{ completionId: string | null }, { corrections: number; message: string }];
  /** An adapter that was trained elsewhere, through the gates. `beside`: with the one in use, as one. */
  'hindsight/importAdapter': [{ folder: string; beside: boolean }, ImportedAdapter];
  'hindsight/pauseLearning': [{ paused: boolean }, ServerStatus];
  'hindsight/events': [
    { filter: EventFilter; offset: number; limit: number },
    /** `languages` are those of all stored completions, in order. */
    { total: number; events: EventSummary[]; languages: string[] },
  ];
  'hindsight/event': [{ completionId: string }, EventStory | null];
  'hindsight/rounds': [{ limit: number }, RoundSummary[]];
  'hindsight/acceptance': [{ bucketMs: number; limit: number }, AcceptancePoint[]];
  /** Corrections that say the same, those with the most places first; deleted ones last. */
  'hindsight/rules': [null, RuleView[]];
  /** Where what a rule says can be seen at once; null where there is no such place. */
  'hindsight/placeToTry': [{ key: string }, PlaceToTry | null];
  /** What an offer owes to what was learned; null means the last one. Refused with one sentence where it cannot be said. */
  'hindsight/why': [{ completionId: string | null }, WhyThis];
  /** What the developer decides about a rule; what is left out changes nothing. Answers all rules as they then are. */
  'hindsight/changeRule': [{ key: string; change: RuleChange }, RuleView[]];
  'hindsight/delete': [
    { scope: 'all' | 'file' | 'event'; uri?: string; completionId?: string },
    { completions: number; adapters: number; message: string },
  ];
  /** Folders of the projects that the stored code is from. */
  'hindsight/projects': [null, string[]];
  'hindsight/export': [{ path: string }, { rows: number }];
  /** Why nothing is offered in this document, in one sentence; null where something may be. */
  'hindsight/whyQuiet': [{ uri: string }, string | null];
  /** The models on this machine, those that run first. */
  'hindsight/models': [null, ModelChoice[]];
  /** The models worth fetching. Asks nothing of the network. */
  'hindsight/catalogue': [null, CatalogueChoice[]];
  /** What fetching this model means: asks the hub, and fetches nothing. A name of the catalogue, or OWNER/NAME of the hub. */
  'hindsight/fetchPlan': [{ name: string }, FetchPlan];
  /** Fetches it, or what is still missing. Progress through `workDoneToken`; cancellation keeps what has come. */
  'hindsight/fetchModel': [{ name: string; workDoneToken?: string | number }, { path: string }];
  /**
   * What the developer expected at a place, in their own words of code: a correction at full weight. `offered` is what was there,
   * '' for nothing. False where nothing may be stored of the file.
   */
  'hindsight/expected': [
    { uri: string; line: number; character: number; text: string; offered: string },
    boolean,
  ];
  /** Tests that failed in the last run of their command, the latest run first. */
  'hindsight/failingTests': [null, FailingTest[]];
  /** Searches for what makes a test pass. Changes no file. Progress through `workDoneToken`; cancellation ends it for good. */
  'hindsight/fixTest': [FixRequest, FixOutcome];
  /** A fix was taken: it is stored as a correction. False where nothing may be stored of its file. */
  'hindsight/fixTaken': [TakenFix, boolean];
  /** Answered once all notifications before it are on disk: true; false where the database cannot be written for now. */
  'hindsight/durable': [null, boolean];
}

/** Notifications, server to client. */
export interface ServerNotifications {
  'hindsight/statusChanged': ServerStatus;
  /** These completions changed; an open panel requests them again. */
  'hindsight/eventsChanged': { completionIds: string[] };
  'hindsight/roundChanged': RoundSummary;
  /** A correction was seen, within a second of its last key. */
  'hindsight/noted': { completionId: string; offered: string; kept: string };
  /** Other tests fail than before: lenses are drawn again. */
  'hindsight/failingTestsChanged': null;
}

/** The command an accepted item carries; its argument is the completion's id. */
export const ACCEPTED_COMMAND = 'hindsight.accepted';
/** The command of the code action on an accepted text; its argument is the completion's id. */
export const COMMENT_COMMAND = 'hindsight.commentOnCompletion';
