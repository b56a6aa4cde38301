/** The runs in what one program printed: each runner's own lines, cut where another run begins, the last run of each kept. */
import { CLEARED } from '../base/terminal-text';
import { cutText } from '../workspace/redaction';
import { framesIn } from './frames';
import type { Output, RunParser, RunResult, TestReport } from './report';

/** A script, package, project or session of a task runner begins; what runs under two of them are two. */
const HEADERS: RegExp[] = [
  // npm, pnpm: `> @acme/shop@1.0.0 test`; nx: `> nx run shop:test`; yarn: `> @acme/shop`
  /^> (@?[\w./-]+@\S+ \S+)/,
  /^> (nx run \S+)/,
  /^> (@[\w./-]+)$/,
  /^lerna info run Ran npm script '([^']+' in '[^']+)'/,
  /^==\[ (\S+) /,
  /^make(?:\[\d+\])?: Entering directory '([^']+)'/,
  /^(\S+): commands\[\d+\]> /,
  /^nox > Running session (\S+)/,
  /^([@\w./-]+ [\w:-]+)\$ \S/,
];
/** A watcher begins anew. */
const AGAIN = /^\[nodemon\] (?:re)?starting|^\[Running:? |^\[Finished running/;

interface Chunk {
  /** Whose run it is. */
  key: string;
  /** Where it began, as its first line says; '' where it does not. */
  root: string;
  lines: string[];
}

/** What each runner said last, in `lines` of one program. */
export function readRuns(lines: readonly string[], parsers: readonly RunParser[]): TestReport[] {
  const reports: TestReport[] = [];
  const outer: RunParser[] = [];
  // A runner that starts others is read first: what stands between its lines is told by it.
  const own = parsers.filter((parser) => lines.some((line) => parser.marks.test(line)));
  for (const parser of [...own].sort((a, b) => (b.wraps?.length ?? 0) - (a.wraps?.length ?? 0))) {
    const free = outer
      .filter((one) => one.wraps?.includes(parser.runner))
      .reduce<readonly string[]>((rest, one) => without(rest, one.marks), lines);
    const inner = (part: readonly string[]) =>
      readRuns(
        part,
        parsers.filter((one) => parser.wraps?.includes(one.runner)),
      );
    const found = lastOf(chunksOf(free, parser), parser, inner);
    if (found.length > 0) outer.push(parser);
    reports.push(...found);
  }
  return reports;
}

/** The last run of each package, project or folder, in the order in which they ended. */
function lastOf(
  chunks: readonly Chunk[],
  parser: RunParser,
  inner: Parameters<RunParser['parse']>[1],
): TestReport[] {
  const last = new Map<string, TestReport>();
  for (const { key, root, lines } of chunks) {
    const result = lines.some((line) => parser.marks.test(line))
      ? parser.parse(outputOf(lines), inner)
      : null;
    if (!result) continue;
    last.delete(key);
    last.set(key, finished(parser.runner, { ...(root ? { root } : {}), ...result }, lines));
  }
  return [...last.values()];
}

export function outputOf(lines: readonly string[]): Output {
  return { lines, text: lines.join('\n') };
}

/** Without the lines from the first to the last that `marks` knows. */
function without(lines: readonly string[], marks: RegExp): readonly string[] {
  const first = lines.findIndex((line) => marks.test(line));
  const last = lines.findLastIndex((line) => marks.test(line));
  return first < 0 ? lines : [...lines.slice(0, first), ...lines.slice(last + 1)];
}

function chunksOf(lines: readonly string[], { begins }: RunParser): Chunk[] {
  const chunks: Chunk[] = [{ key: '\n', root: '', lines: [] }];
  let header = '';
  let root = '';
  for (const line of lines) {
    const named = /^[>=\w@./-]/.test(line)
      ? HEADERS.map((one) => one.exec(line)?.[1]).find(Boolean)
      : undefined;
    const begun = begins?.exec(line);
    if (named !== undefined) {
      header = named;
      root = '';
    }
    if (begun) root = begun.slice(1).filter(Boolean).join(' ') || root;
    if (named !== undefined || begun || line === CLEARED || AGAIN.test(line)) {
      chunks.push({ key: `${header}\n${root}`, root, lines: [] });
    }
    if (line !== CLEARED) chunks[chunks.length - 1]!.lines.push(line);
  }
  return chunks;
}

/** With its outcome; failures that are counted but not told are told by their frames. */
export function finished(runner: string, result: RunResult, lines: readonly string[]): TestReport {
  const counted = result.failed || 0;
  const failures =
    result.failures.length === 0 && counted > 0 ? onlyFrames(lines.join('\n')) : result.failures;
  const red = counted > 0 || failures.length > 0 || result.verdict === 'red';
  const green =
    result.verdict === 'green' ||
    (result.verdict === undefined && (result.passed ?? 0) > 0 && result.failed === 0);
  const { verdict: _verdict, root, ...counts } = result;
  return {
    ...counts,
    runner,
    failures: root ? failures.map((failure) => ({ ...failure, root })) : failures,
    outcome: red ? 'red' : green ? 'green' : 'unknown',
  };
}

/** Several reports as one: red where one is, green where all are. */
export function merged(reports: readonly TestReport[]): TestReport | null {
  if (reports.length < 2) return reports[0] ?? null;
  const sum = (counts: (number | null)[]) =>
    counts.every((count) => count === null)
      ? null
      : counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return {
    runner: [...new Set(reports.map((report) => report.runner))].join(' + '),
    outcome: reports.some((report) => report.outcome === 'red')
      ? 'red'
      : reports.every((report) => report.outcome === 'green')
        ? 'green'
        : 'unknown',
    passed: sum(reports.map((report) => report.passed)),
    failed: sum(reports.map((report) => report.failed)),
    failures: reports.flatMap((report) => report.failures),
    passedNames: reports.flatMap((report) => report.passedNames),
  };
}

/** The stack traces in any text, as one failure; none where it holds none. */
export function onlyFrames(whole: string): TestReport['failures'] {
  const text = whole.length > 40_000 ? `${whole.slice(0, 8_000)}\n${whole.slice(-32_000)}` : whole;
  const lines = text.split('\n').filter((line) => line.length < 1_000);
  if (!lines.some(isTrace)) return [];
  const frames = framesIn(text);
  if (frames.length === 0) return [];
  const traceback = lines.findIndex((line) => line.startsWith('Traceback (most recent call last):'));
  // Python prints the innermost call last.
  if (traceback >= 0) frames.reverse();
  const thrown = traceback < 0 ? undefined : lines.slice(traceback + 1).find((line) => /^\w/.test(line));
  const error = thrown ?? lines.find((line) => ERROR.test(line)) ?? '';
  return [{ name: '', message: cutText(error.trim(), 1_000), frames, text: cutText(text, 20_000) }];
}

const ERROR = /\b(?:\w{0,60}(?:Error|Exception)|panic(?:ked)?|FAILED|FAIL|Failure|fatal|error)\b/;

/** A frame of a stack trace: a place alone, as a search or a linter prints it, is none. */
function isTrace(line: string): boolean {
  return /^\s*(?:at .*[:(]\d|❯ .*:\d|File ".*", line \d|#\d+ |# .*:\d+:in )|panicked at |^goroutine \d+ \[|^\s+from .*:\d+:in /.test(
    line,
  );
}
