/** Making a failing test pass: what the server knows of failing tests, and how a search for a fix ended. */

/** A test that failed in the last run of its command. */
export interface FailingTest {
  /** '' where only a stack trace is known. */
  name: string;
  /** Its message, one line. */
  message: string;
  command: string;
  cwd: string;
  /** Files of the project that it points at, innermost first; lines from 1. */
  places: { path: string; line: number; isTest: boolean }[];
  /** The accepted completion that the failure was laid to, as it stands now; null where to none. */
  completion: { path: string; range: FixRange } | null;
}

/** Lines from 1, both included. */
export interface FixRange {
  first: number;
  last: number;
}

export interface FixRequest {
  path: string;
  range: FixRange;
  command: string;
  cwd: string;
  maxSeconds: number;
  workDoneToken?: string | number;
}

export interface FixOutcome {
  found: boolean;
  attempts: number;
  seconds: number;
  /** What passes, or the attempt that got furthest; null where none could be run. With LF. */
  text: string | null;
  /** What stood there, and what the command said of it. */
  failing: { text: string; failure: string };
  /** The end in one sentence, and what should be known besides. */
  message: string;
  notices: string[];
}

/** A fix that the developer took: it becomes a correction. */
export interface TakenFix {
  uri: string;
  languageId: string;
  /** The whole document as it was searched in, and where the range began in it, in UTF-16 units. */
  before: string;
  offset: number;
  failing: string;
  passing: string;
  failure: string;
}
