/** What a run of the command says of an attempt. Green is only what ran the same tests and passed them all. */
import { isTestFile } from '../capture/sources/test-code';
import { normaliseOutput } from '../learning/contexts';
import type { TestFailure, TestReport } from '../test-output/report';
import { understandRun } from '../test-output/understand-run';
import type { CommandOutput } from './run-command';
import type { RunScore } from './types';

/** Characters of a failure that the teacher reads. */
const MOST_FAILURE = 500;
/** Failures that are told of one run. */
const MOST_FAILURES = 2;

/** The run before anything was changed: what a green one has to be like. */
export interface Baseline {
  runner: string | null;
  /** Tests that ran, passed or not; null where the runner does not count. */
  tests: number | null;
  output: string;
}

const ENDED = {
  time: 'It did not end within its time',
  output: 'It printed more than 32 MB, and was ended',
  cancelled: 'It was cancelled',
};

interface Read {
  report: TestReport | null;
  exitCode: number | null;
  isGreen: boolean;
  tests: number | null;
  passed: number | null;
}

function read(command: string, run: CommandOutput): Read {
  const { outcome, report: found } = understandRun({
    output: run.output,
    command,
    exitCode: run.exitCode,
  });
  const report = found?.runner === 'frames' ? null : found;
  const counted = report !== null && report.passed !== null;
  const failed = Math.max(report?.failed ?? 0, report?.failures.length ?? 0);
  return {
    report: found,
    exitCode: run.exitCode,
    // A program that is no test runner passes by its exit code.
    isGreen: run.exitCode === 0 && (report === null || outcome === 'green'),
    tests: counted ? report.passed! + failed : null,
    passed: counted ? report.passed : null,
  };
}

export function baselineOf(command: string, run: CommandOutput): Baseline & { isGreen: boolean } {
  const { report, tests, isGreen } = read(command, run);
  return {
    runner: report === null || report.runner === 'frames' ? null : report.runner,
    tests,
    output: run.output,
    isGreen,
  };
}

export function scoreOf(command: string, run: CommandOutput, baseline: Baseline): RunScore {
  const { report, isGreen, tests, passed } = read(command, run);
  const refused = isGreen ? whyRefused(report, tests, baseline) : null;
  const won = isGreen && refused === null;
  return {
    passed: won,
    testsPassed: passed,
    tests,
    reward: won ? 1 : rewardOf(report, tests, passed, baseline),
    failure: won ? '' : failureOf(report, run, refused),
    refused,
    exitCode: run.exitCode,
  };
}

/** A run without its tests is no solution, whatever its exit code. */
function whyRefused(report: TestReport | null, tests: number | null, baseline: Baseline): string | null {
  if (baseline.runner === null) return null;
  if (report?.runner !== baseline.runner) return `The run has no summary of ${baseline.runner} any more.`;
  if (baseline.tests !== null && (tests ?? 0) < baseline.tests)
    return `Only ${tests ?? 0} of ${baseline.tests} tests ran.`;
  return null;
}

/** Below 1: the share of tests that passed, and within a failing one how far its own lines were reached. */
function rewardOf(
  report: TestReport | null,
  tests: number | null,
  passed: number | null,
  baseline: Baseline,
): number {
  const total = Math.max(tests ?? 0, baseline.tests ?? 0, 1);
  const within = report?.failures.length ? Math.max(...report.failures.map(depthOf)) : 0;
  return Math.min(0.99, ((passed ?? 0) + 0.9 * within) / total);
}

/** Lines of a test rarely pass a few hundred: more lines reached, more of it passed. */
function depthOf(failure: TestFailure): number {
  const line = failure.frames.find((frame) => isTestFile(frame.file))?.line ?? 0;
  return line / (line + 50);
}

/** What the teacher reads: the failures' own words; where none is understood, the end of what was printed. */
function failureOf(report: TestReport | null, run: CommandOutput, refused: string | null): string {
  const said = [refused, run.ended && `${ENDED[run.ended]} (${Math.round(run.seconds)} s).`].filter(
    (each): each is string => Boolean(each),
  );
  const failures = report?.failures ?? [];
  for (const failure of failures.slice(0, MOST_FAILURES)) said.push(wordsOf(failure));
  if (failures.length === 0) said.push(endOf(normaliseOutput(run.output, 20_000), MOST_FAILURE));
  return said.join('\n').trim();
}

/** Lines of a stack that are the runner's and the language's own. */
const FOREIGN = /\bnode:|node_modules|site-packages|<frozen |\/lib\/python\d|^\s{0,20}stack: /;

/** The message, behind the lines of the test that printed it: a traceback's end says what was called and what came. */
function wordsOf({ name, message, text }: TestFailure): string {
  const own = normaliseOutput(text, 20_000)
    .split('\n')
    .filter((line) => !FOREIGN.test(line.slice(0, 400)));
  const told = endOf(own.join('\n'), MOST_FAILURE);
  const whole = told.includes(message.split('\n')[0]!.trim()) ? told : `${told}\n${message}`;
  return name && !whole.includes(name) ? `${name}\n${whole}` : whole;
}

function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(-most);
  return cut.slice(cut.indexOf('\n') + 1);
}
