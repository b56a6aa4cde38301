/** What a run printed, or wrote to a report file → which tests failed, and where. */
import { screenText, stripAnsi } from '../base/terminal-text';
import { cutText } from '../workspace/redaction';
import { BUILD, compilerErrors } from './compilers';
import { junitXml } from './parsers/formats/junit-xml';
import type { RunParser, TestReport } from './report';
import { REPORTS, RUNNERS } from './runners';
import { finished, merged, onlyFrames, placed, readRuns } from './runs';
import { type Stream, streamsOf } from './streams';

/** What is looked at of a long output, in characters: runners tell failures first or last, never only in the middle. */
const HEAD = 48 * 1024;
const TAIL = 160 * 1024;

/** The client reads no more than 4 MB of a report. */
const LONG_REPORT = 3_900_000;

/** Longer lines are cut, in characters: a minified bundle in a log is no line to match patterns on. */
const LINE_LIMIT = 1_000;

const ERRORS = [
  /^npm (?:ERR!|error) (?:Test failed|code [A-Z]|Lifecycle script)/,
  /^(?:error Command failed with exit code [1-9]|.?ELIFECYCLE.? {1,2}(?:Test|Command) failed|ERR_PNPM_|lerna ERR! )/,
  /^(?:\[(?:INFO|ERROR)\] BUILD FAILURE|BUILD FAILED in |make(?:\[\d+\])?: \*\*\* |error: script "\S+" exited with code [1-9])/,
  /^(?:Process completed|\S+(?: \S+){0,4} exited) with (?:exit )?code [1-9]/,
  /^(?:Failed: {4}\S+#\S+|ERROR: command finished with error|ERROR {1,2}run failed: command)/,
  /^(?:Jest: "\S+" coverage threshold|ERROR: Coverage for \S+ )/,
];
const NOTHING = { outcome: 'unknown' as const, passed: null, failed: null, passedNames: [] };

/** Null where the output holds no test run, no stack trace and no compiler's error. Bounded in time and memory, whatever the length. */
export function parseTestOutput(output: string): TestReport | null {
  const text = screenText(headAndTail(output));
  const written = /^\uFEFF?\s*<(?:\?xml|testsuites?)\b/.test(text) ? parseReport(text, [junitXml]) : null;
  if (written) return written;
  const streams = streamsOf(linesOf(text));
  const report = merged(streams.flatMap((stream) => readRuns(stream.lines, RUNNERS)));
  if (report)
    return report.outcome === 'green' && streams.some(countsAnError)
      ? { ...report, outcome: 'unknown' }
      : report;
  const printed = text.includes('<testsuite') ? parseReport(text, [junitXml]) : null;
  if (printed) return printed;
  const plain = streams.flatMap((stream) => stream.lines);
  const failures = onlyFrames(plain);
  if (failures.length > 0) return { ...NOTHING, runner: 'frames', failures: placed(failures) };
  const errors = compilerErrors(plain);
  return errors.length > 0 ? { ...NOTHING, runner: BUILD, failures: placed(errors) } : null;
}

/** What started the runner, or the runner's own thresholds, say that something failed, though its tests passed. */
function countsAnError({ lines }: Stream): boolean {
  return lines.some((line) => ERRORS.some((error) => error.test(line)));
}

/** One of the two below. Some hundred milliseconds of work: on the server it is done in a thread (`reading-thread.ts`). */
export function readRun(output: string, isReport: boolean): TestReport | null {
  return isReport ? parseReportFile(output) : parseTestOutput(output);
}

/** A report as a runner wrote it to a file: JUnit's XML, TAP or go test's JSON, read whole. Null where it is none of them. */
export function parseReportFile(content: string): TestReport | null {
  // A very long file came cut: its last line may end within a secret.
  const whole = content.length < LONG_REPORT ? content : content.slice(0, content.lastIndexOf('\n') + 1);
  return parseReport(stripAnsi(whole), REPORTS);
}

function parseReport(text: string, formats: readonly RunParser[]): TestReport | null {
  // A line of JSON is one event, however long it is.
  const lines = text.split('\n').map((line) => (line.startsWith('{') ? line : short(line)));
  for (const { runner, marks, parse } of formats) {
    const result = lines.some((line) => marks.test(line)) ? parse({ text, lines }, () => []) : null;
    if (result) return finished(runner, result, lines);
  }
  return null;
}

/** Whole lines only, and whole words where a longer output was cut before: half a line may hold half a secret. */
function headAndTail(whole: string): string {
  const output = withoutCutWords(whole);
  if (output.length <= HEAD + TAIL) return output;
  const head = output.slice(0, output.lastIndexOf('\n', HEAD) + 1);
  const from = output.indexOf('\n', output.length - TAIL);
  return `${head}…\n${from < 0 ? '' : output.slice(from + 1)}`;
}

/** The mark that the client leaves where it took something out, without the words that the cut went through. */
function withoutCutWords(output: string): string {
  const mark = /\n… \d+ characters left out …\n/.exec(output);
  if (!mark) return output;
  let start = mark.index;
  while (start > 0 && /\S/.test(output[start - 1]!)) start--;
  let end = mark.index + mark[0].length;
  while (end < output.length && /\S/.test(output[end]!)) end++;
  return `${output.slice(0, start)}${mark[0]}${output.slice(end)}`;
}

function linesOf(text: string): string[] {
  return text.split('\n').map(short);
}

function short(line: string): string {
  return cutText(line, LINE_LIMIT);
}
