/**
 * Whether a command that ran in a terminal looks like a test run, a build or a crash of the project's code. What else people do
 * there (databases, clouds, passwords) is nothing of ours and stays where it is. Knows nothing of the editor.
 */

import { stripVTControlCharacters } from 'node:util';

/** Programs that print, search, move or fetch: whatever stands in their output, it is not of a run. */
const OTHER =
  /^(?:cat|bat|less|more|head|tail|grep|egrep|rg|ag|ack|ls|find|fd|tree|echo|printf|printenv|env|export|set|history|git|gh|hub|ssh|scp|curl|wget|psql|mysql|sqlite3|mongosh|redis-cli|aws|az|gcloud|kubectl|helm|terraform|vault|op|pass|gpg|openssl|docker|podman|vim|vi|nano|code|man)$/;
/** Words of commands that run tests or compile. */
const RUN =
  /(?:^|[\s/\\:=._-])(?:tests?|spec|specs|e2e|check|verify|ci|coverage|jest|vitest|mocha|ava|tap|karma|jasmine|cypress|playwright|pytest|unittest|tox|nox|behave|rspec|minitest|cucumber|rake|phpunit|pest|prove|ctest|nextest|gotestsum|ginkgo|xcodebuild|bazel|gradlew?|mvnw?|sbt|mix|dotnet|msbuild|cargo|go|swift|flutter|dart|deno|bun|zig|make|ninja|cmake|meson|tsc|javac|kotlinc|gcc|g\+\+|clang(?:\+\+)?|cc|turbo|nx|lerna)(?:$|[\s:.@_-])/;
/** Lines that runners' summaries and compilers' errors are known by. */
const SUMMARY =
  /^\s*(?:\[\w{1,20}\]\s+)?(?:Test Suites:|ℹ tests \d|OK \(\d+ tests?\b|No tests found|Test Case '|Executed \d+ tests?\b|\[ *(?:RUN|OK|PASSED|FAILED) *\]|Test Files |Tests:? |Tests run:|Ran \d+ tests?\b|test result:|running \d+ tests?\b|TAP version \d|1\.\.\d+$|(?:not )?ok \d+\b|# tests \d|# fail \d|--- (?:FAIL|PASS)|(?:FAIL|PASS|ok)\s+\S+|=+ .{0,200}\b(?:passed|failed|errors?)\b|\d+ (?:passing|failing|passed|failed|tests?|examples?|specs?|scenarios?)\b|\[=+\]|(?:Passed|Failed)!|Total tests: |\{"(?:Time|ImportPath|Action)":|Test Run (?:Failed|Successful))/;
/** A stack trace, or the place of a compiler's error, in the forms of the common languages. */
const TRACE =
  /^\s{0,100}(?:at .{0,300}:(?:line )?\d+(?::\d+)?\)?$|File ".{1,300}", line \d+|Traceback \(most recent call last\)|goroutine \d+ \[|thread '.{0,200}' .{0,40}panicked at|Exception in thread|Unhandled exception|--> .{1,300}:\d+:\d+$|.{1,300}(?::\d+:\d+: (?:fatal )?error\b|\(\d+,\d+\): error\b))/;
/** Of a long output its beginning and its end are looked at, in characters. */
const HALF = 24_000;
const LINE_LIMIT = 500;

/** @param exitCode null where it is not known */
export function looksLikeRun(command: string, output: string, exitCode: number | null): boolean {
  if (programsOf(command).every((program) => OTHER.test(program))) return containerRun(command);
  if (RUN.test(command.slice(0, 1_000))) return true;
  const lines = linesOf(output);
  if (lines.some((line) => SUMMARY.test(line))) return true;
  return exitCode !== 0 && exitCode !== null && lines.some((line) => TRACE.test(line));
}

/** Tests may run within a container. */
function containerRun(command: string): boolean {
  return /^\s*(?:sudo\s+)?(?:docker|podman|kubectl)\b.*\b(?:run|exec)\b/.test(command) && RUN.test(command);
}

/** The first word of each command in a line, without assignments and `sudo`. */
function programsOf(command: string): string[] {
  return command
    .slice(0, 1_000)
    .split(/&&|\|\||;|\n/)
    .map((part) => part.trim().replace(/^(?:\w+=\S*\s+|sudo\s+|time\s+|cd\s+\S+$)+/, ''))
    .filter((part) => part !== '')
    .map((part) => (part.split(/\s/)[0] ?? '').replace(/^.*[\\/]/, ''));
}

function linesOf(output: string): string[] {
  const some = output.length > 2 * HALF ? `${output.slice(0, HALF)}\n${output.slice(-HALF)}` : output;
  return stripVTControlCharacters(some)
    .split(/\r?\n/)
    .map((line) => line.slice(0, LINE_LIMIT));
}
