/** What making a test pass is asked for, and what it tells. */

/**
 * How attempts learn from each other. `none` draws and tries (best of k); `retry` shows the last failure in the prompt;
 * `distillation` trains towards the model that reads the failure (SDPO at test time, arXiv 2601.20802 section 5);
 * `grpo` trains on the tests' scores alone.
 */
export const STRATEGIES = ['distillation', 'retry', 'grpo', 'none'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface FixJob {
  /** Folder that is copied, absolute. */
  root: string;
  /** The file that may change, absolute, within `root`. */
  file: string;
  /** Its lines that may change, from 1, both included. */
  range: LineRange;
  /** The developer's own command, and the folder within `root` that it runs in. */
  command: string;
  cwd: string;
  /** Longest time of all, and of one run of the command, in seconds. */
  maxSeconds: number;
  runSeconds: number;
  /** Most samples that are drawn. */
  attempts: number;
  /** Samples that are drawn before the next step of learning. */
  perStep: number;
  strategy: Strategy;
  seed: number;
}

export interface LineRange {
  first: number;
  last: number;
}

/** What a run of the command said of an attempt. */
export interface RunScore {
  passed: boolean;
  /** Tests that passed, and all that ran; null where the runner does not count. */
  testsPassed: number | null;
  tests: number | null;
  /** How far it got, in [0, 1]: the share of tests passed, or of the test's lines that were reached. */
  reward: number;
  /** What failed, as the teacher reads it; '' where nothing did. */
  failure: string;
  /** Why a run that looks green does not count, in one sentence. */
  refused: string | null;
  exitCode: number | null;
}

export interface Attempt {
  /** What stands in place of the range. */
  text: string;
  /** What was sampled, up to the end of the text. */
  ids: number[];
  logProbs: number[];
  /** Null where it was not run, `dropped` says why. */
  score: RunScore | null;
  dropped: 'does not parse' | 'empty' | 'unchanged' | 'ends the run' | null;
}

export interface FixProgress {
  attempts: number;
  of: number;
  /** Different texts that were run. */
  runs: number;
  /** Of the attempt that got furthest. */
  testsPassed: number | null;
  tests: number | null;
  message: string;
}

export interface FixResult {
  found: boolean;
  /** Samples drawn until the end. */
  attempts: number;
  runs: number;
  steps: number;
  seconds: number;
  /** What passes, or the closest attempt; null where none could be run. */
  text: string | null;
  /** The change of the whole file as a unified diff; '' where there is none. */
  diff: string;
  /** The test's run with it. */
  score: RunScore | null;
  /** What stood in the range, and what the command said of it. */
  failing: { text: string; failure: string };
  /** The end in one sentence. */
  message: string;
  /** What the developer should know besides, each one sentence. */
  notices: string[];
}
