/** What a run says as a whole: did it fail, did it pass, which command and which test was it. */
import type { ClientNotifications } from '../protocol/messages';
import { kindOf } from './command';
import { BUILD } from './compilers';
import { type TestFailure, type TestReport, testId } from './report';

type Run = ClientNotifications['hindsight/run'];

/** Exit codes of a run that the developer broke off (Ctrl-C, kill): it says nothing. */
const INTERRUPTED = new Set([130, 137, 143]);

/** A failing run that says what failed. The report's word goes before the exit code, which a pipe or "|| true" may hide. */
export function isRed(run: Run, report: TestReport | null): boolean {
  if (!saysOfTests(run, report)) return false;
  const failed =
    report?.outcome === 'red' ||
    (run.exitCode !== null && run.exitCode !== 0 && !INTERRUPTED.has(run.exitCode));
  // Places alone are no failure: a search that finds nothing and a listing end with 1 too.
  const tells = report?.failures.some((failure) => failure.name !== '' || failure.message !== '') === true;
  return failed && tells;
}

/** What a search prints or a file holds is no run, whatever stands in it; a compiler's errors are its own. */
function saysOfTests(run: Run, report: TestReport | null): boolean {
  if (run.source === 'report') return true;
  const kind = kindOf(run.command);
  return kind === 'tests' || (kind === 'build' && report?.runner === BUILD);
}

/** A passing run. A command whose output says nothing of tests passes by its exit code. */
export function isGreen(run: Run, report: TestReport | null): boolean {
  return (
    report?.outcome !== 'red' &&
    (run.exitCode === 0 || (run.exitCode === null && report?.outcome === 'green'))
  );
}

/** The same command in the same folder, whatever its spacing. */
export function keyOf(run: Run): string {
  return `${run.cwd}\0${run.command.trim().replace(/\s+/g, ' ')}`;
}

/** A test by its name; a failure without one by its first frame's file and message. */
export function idOf(failure: TestFailure): string {
  return testId(failure) || `${failure.frames[0]?.file ?? ''} ${failure.message.split('\n')[0]}`;
}
