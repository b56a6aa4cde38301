/** What a test run said. */

export interface Frame {
  /** As printed, without its address's scheme: relative to the run's folder, absolute, or with its package as folders (`shop/Cart.java`). */
  file: string;
  /** From 1. */
  line: number;
  /** From 1; null where the runner prints none. */
  column: number | null;
}

export interface TestFailure {
  /** The test's name; '' where only a stack trace is known. */
  name: string;
  /** The test's file, as printed, where the runner tells it apart from the name. */
  file?: string;
  /** What else tells it from tests of the same name: its package or module. */
  scope?: string;
  /** The folder that its relative paths start from, where the runner names one. */
  root?: string;
  /** Exception type and message, or the assertion with both its values, in a line or a few. */
  message: string;
  /** Innermost first. */
  frames: Frame[];
  /** The failure as printed, without escape codes. */
  text: string;
}

/** Red: a failure is counted. Green: a summary counts passed tests and nothing counts an error. Else unknown. */
export type Outcome = 'red' | 'green' | 'unknown';

/** What one runner's parser found in one run. */
export interface RunResult {
  /** Null where the output does not say. */
  passed: number | null;
  failed: number | null;
  failures: TestFailure[];
  /** Tests that passed, where the runner lists them: by name, and by file where failures have theirs (`testId`). */
  passedNames: string[];
  /** The runner does not tell which or how many tests passed. */
  uncounted?: boolean;
  /** Where the output says of itself that all is well or that it is not, without counting. */
  verdict?: Outcome;
  /** The folder that relative paths of its failures start from, where the output names it. */
  root?: string;
}

export interface TestReport extends Omit<RunResult, 'verdict' | 'root'> {
  /** 'jest', 'pytest', …, several joined by ' + '; 'frames' where only stack traces were recognised. */
  runner: string;
  outcome: Outcome;
}

/** A run's output without escape codes, at most some hundred thousand characters of it. */
export interface Output {
  text: string;
  lines: readonly string[];
}

/** One test runner: what its output is known by, and how it is read. To add one, write it in parsers/ and list it in runners.ts. */
export interface RunParser {
  /** As told in reports. */
  runner: string;
  /** A line that this runner prints in every run, and hardly anything else does. */
  marks: RegExp;
  /** A line with which another run begins; its groups say where or of what. */
  begins?: RegExp;
  /** The line with which a run of it ends: its next line begins another, and others' lines behind it are theirs again. */
  ends?: RegExp;
  /** Runners that this one starts itself: their output between its own lines is told by it. */
  wraps?: readonly string[];
  /** Null where the lines are not this runner's after all. `inner` reads what one of the runners it wraps printed. */
  parse(output: Output, inner: (lines: readonly string[]) => TestReport[]): RunResult | null;
}

/** A test by its name, and its file or package where that is known: same-named tests in two files are two. */
export function testId(test: { name: string; file?: string; scope?: string }): string {
  const where = test.file ?? test.scope;
  return where && !test.name.includes(where) ? `${where} ${test.name}` : test.name;
}
