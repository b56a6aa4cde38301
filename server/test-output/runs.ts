/** The runs in what one program printed: each runner's own lines, cut where another run begins, the last run of each kept. */
import { CLEARED } from '../base/terminal-text';
import { cutText } from '../workspace/redaction';
import { framesIn } from './frames';
import type { Output, RunParser, RunResult, TestFailure, TestReport } from './report';

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
  // turbo on GitHub
  /^::group::([^\s:]+:\S+)$/,
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
      .reduce<readonly string[]>((rest, one) => without(rest, one), lines);
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

/** Without the lines from the first to the last that a runner knows as its own, or to the end where it has not ended. */
function without(lines: readonly string[], { marks, ends }: RunParser): readonly string[] {
  const first = lines.findIndex((line) => marks.test(line));
  const last = lines.findLastIndex((line) => marks.test(line));
  const open = ends !== undefined && !lines.some((line) => ends.test(line));
  return first < 0 ? lines : [...lines.slice(0, first), ...(open ? [] : lines.slice(last + 1))];
}

function chunksOf(lines: readonly string[], { begins, ends, marks }: RunParser): Chunk[] {
  const chunks: Chunk[] = [{ key: '\n', root: '', lines: [] }];
  let header = '';
  let root = '';
  let ended = false;
  for (const line of lines) {
    const named = /^[>=\w@./:-]/.test(line)
      ? HEADERS.map((one) => one.exec(line)?.[1]).find(Boolean)
      : undefined;
    const begun = begins?.exec(line);
    if (named !== undefined) {
      header = named;
      root = '';
    }
    if (begun) root = begun.slice(1).filter(Boolean).join(' ') || root;
    const again = ended && marks.test(line) && !ends?.test(line);
    if (named !== undefined || begun || again || line === CLEARED || AGAIN.test(line)) {
      ended = false;
      chunks.push({ key: `${header}\n${root}`, root, lines: [] });
    }
    ended ||= ends?.test(line) === true;
    if (line !== CLEARED) chunks[chunks.length - 1]!.lines.push(line);
  }
  return chunks;
}

/** With its outcome; failures that are counted but not told are told by their frames. */
export function finished(runner: string, said: RunResult, lines: readonly string[]): TestReport {
  const result = { ...said, passed: countOf(said.passed), failed: countOf(said.failed) };
  const counted = result.failed || 0;
  const failures = placed(result.failures.length === 0 && counted > 0 ? unreported(lines) : result.failures);
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

/** Without frames on lines that no file has: from a damaged line, or of code that stands in no file. */
export function placed(failures: readonly TestFailure[]): TestFailure[] {
  const isPlace = ({ file, line }: TestFailure['frames'][number]) =>
    file !== '' && Number.isSafeInteger(line) && line > 0;
  return failures.map((failure) =>
    failure.frames.every(isPlace) ? failure : { ...failure, frames: failure.frames.filter(isPlace) },
  );
}

/** A count that can be one; a damaged line says none. */
const countOf = (n: number | null): number | null => (Number.isSafeInteger(n) && n! >= 0 ? n : null);

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
    uncounted: reports.some((report) => report.uncounted === true),
  };
}

/** Stack traces of a runner that counts failures and tells them in a form of its own, as one failure; none where it prints none. */
function unreported(lines: readonly string[]): TestFailure[] {
  const text = lines.join('\n');
  return isTraced(lines)
    ? traceOf(
        text.length > 40_000
          ? `${wholeLines(text, 0, 8_000)}\n${wholeLines(text, text.length - 32_000, text.length)}`
          : text,
      )
    : [];
}

/** The lines that lie between two places: half a line may hold half a secret. */
function wholeLines(text: string, from: number, to: number): string {
  const start = from === 0 ? 0 : text.indexOf('\n', from - 1) + 1;
  const end = to === text.length ? to : text.lastIndexOf('\n', to);
  return start === 0 && from > 0 ? '' : text.slice(start, Math.max(start, end));
}

/** The stack trace with which a program ended, as one failure; none where the text holds none. */
export function onlyFrames(lines: readonly string[]): TestFailure[] {
  const from = lines.findIndex(
    (line, i) => line.length < LINE_LIMIT && CRASH.some((begins) => begins(line, lines, i)),
  );
  return from < 0 ? [] : traceOf(lines.slice(from, from + LONGEST).join('\n'));
}

function traceOf(text: string): TestFailure[] {
  const frames = framesIn(text);
  if (frames.length === 0) return [];
  const lines = text.split('\n').filter((line) => line.length < LINE_LIMIT);
  const traceback = lines.findIndex((line) => line.startsWith('Traceback (most recent call last):'));
  // Python prints the innermost call last.
  if (traceback >= 0) frames.reverse();
  const thrown = traceback < 0 ? undefined : lines.slice(traceback + 1).find((line) => /^\w/.test(line));
  const error = thrown ?? lines.find((line) => ERROR.test(line)) ?? '';
  return [{ name: '', message: cutText(error.trim(), 1_000), frames, text: cutText(text, 20_000) }];
}

const LINE_LIMIT = 1_000;
/** Lines of one crash, at most. */
const LONGEST = 200;
const ERROR = /\b(?:\w{0,60}(?:Error|Exception)|panic(?:ked)?|FAILED|FAIL|Failure|fatal|error)\b/;

/** How the story of a program begins that ended with a stack trace: an error, and frames below it. */
const CRASH: ((line: string, lines: readonly string[], at: number) => boolean)[] = [
  (line) => line.startsWith('Traceback (most recent call last):'),
  (line) =>
    /^(?:Exception in thread |Unhandled exception[.:]|PHP Fatal error: {1,2}Uncaught |Fatal error: Uncaught |thread '[^']{0,200}' (?:\(\d+\) )?panicked at )/.test(
      line,
    ),
  (line, lines, at) =>
    /^(?:panic|fatal error): /.test(line) &&
    lines.slice(at, at + 12).some((one) => /^goroutine \d+ \[/.test(one)),
  // Node, browsers, Java, Deno: the error, then its frames.
  (line, lines, at) =>
    /^ {0,6}(?:Uncaught |error: |\[cause\]: )?[\w.$]{0,100}(?:Error|Exception)\b/.test(line) &&
    lines.slice(at + 1, at + 8).some((one) => /^(?: {4,8}|\t)at .*[:(]\d/.test(one)),
  // Ruby: `cart.rb:3:in 'half': undefined method (NoMethodError)`
  (line) => /^\S[^:]{0,300}\.rb:\d+:in [`'].*\((?:\w+::)?\w*(?:Error|Exception)\)$/.test(line),
];

function isTraced(lines: readonly string[]): boolean {
  return lines.some(
    (line) =>
      line.length < LINE_LIMIT &&
      /^\s*(?:at .*[:(]\d|❯ .*:\d|File ".*", line \d|#\d+ |# .*:\d+:in )|panicked at |^goroutine \d+ \[|^\s+from .*:\d+:in /.test(
        line,
      ),
  );
}
