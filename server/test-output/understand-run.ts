/** A finished command's output or report file → what Hindsight takes from it. */

import { kindOf } from './command';
import { BUILD } from './compilers';
import { parseReportFile, parseTestOutput } from './read-run';
import type { Outcome, TestFailure, TestReport } from './report';

export interface FinishedRun {
  /** What was printed, or the content of a report file. */
  output: string;
  /** A report file is read whole, and as what it is. */
  isReport?: boolean;
  command?: string;
  /** Null where it is not known. */
  exitCode?: number | null;
}

export interface Understood {
  /** Null where it is no test run. */
  runner: string | null;
  outcome: Outcome;
  failures: TestFailure[];
  report: TestReport | null;
}

/** What a run says. Exit codes alone say nothing of tests: a search that finds nothing ends with 1 too. */
export function understandRun(run: FinishedRun): Understood {
  const known = run.isReport || kindOf(run.command ?? '') === 'tests';
  const read = known ? (run.isReport ? parseReportFile : parseTestOutput)(run.output) : null;
  // A build that fails is no test run.
  const report = read?.runner === BUILD ? null : read;
  return {
    runner: report?.runner ?? null,
    outcome: outcomeOf(report, run.exitCode ?? null),
    failures: report?.failures ?? [],
    report,
  };
}

function outcomeOf(report: TestReport | null, exitCode: number | null): Outcome {
  if (report === null) return 'unknown';
  // A program that is no test runner fails by its exit code.
  if (report.runner === 'frames') return exitCode ? 'red' : 'unknown';
  return report.outcome === 'green' && exitCode ? 'unknown' : report.outcome;
}
