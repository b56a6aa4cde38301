/** cargo nextest, in the layouts before and since 0.9.100; a test that passes when it is tried again is flaky, no failure. */
import { blocksOf, countOf, dedent, failureFrom, MOST_FAILURES, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';
import { panicMessage } from './cargo';

const SUMMARY = /^ +Summary \[ *[\d.]+s\] \d+(?:\/\d+)? tests? run: /;
/** `        FAIL [   0.004s] (2/3) shop tests::half`, with a try's number before it. */
const STATUS =
  /^ {2,}(?:(TRY) \d+ )?(PASS|FAIL|TIMEOUT|LEAK|FLAKY|SLOW|SIG[A-Z]+|ABORT|XFAIL|FL\+LK|LEAK-FAIL)(?: \d+\/\d+)? \[[ >]*[\d.]+s\] (?:\( *\d+\/\d+\) )?(.*)/;
const OLD = /^(?:---|─{4}) (?:TRY \d{1,4} )?(?:STDOUT|STDERR|OUTPUT): {1,40}/;
const BAD = /^(?:FAIL|TIMEOUT|SIG|ABORT|LEAK-FAIL)/;

export const nextest: RunParser = {
  runner: 'cargo nextest',
  marks:
    /^ +Summary \[ *[\d.]+s\] \d+(?:\/\d+)? tests? run: |^ +Starting \d+ tests? across |^ Nextest run ID /,
  begins: /^ +Starting \d+ tests? across /,
  ends: /^ +Summary \[/,
  wraps: ['cargo test'],
  parse({ lines }) {
    const at = lines.findIndex((line) => SUMMARY.test(line));
    const summary = lines[at] ?? '';
    // What failed in the end is listed below the summary; before it, each try has a line.
    const ended = lines.slice(at < 0 ? 0 : at + 1).flatMap((line) => statusOf(line) ?? []);
    const names = [
      ...new Set(ended.filter((one) => BAD.test(one.status) && !one.isTry).map((one) => one.test)),
    ];
    if (names.length === 0 && countOf(summary, 'failed') > 0) {
      names.push(...new Set(lines.slice(0, at).flatMap((line) => badOf(line) ?? [])));
    }
    const text = outputs(lines);
    const failed = ['failed', 'timed out', 'exec failed', 'leaky failed'].reduce(
      (sum, word) => sum + countOf(summary, word),
      0,
    );
    return {
      passed: at < 0 ? null : countOf(summary, 'passed'),
      failed: Math.max(failed, names.length),
      failures: unique(names.slice(0, MOST_FAILURES).map((test) => toFailure(test, text.get(test) ?? []))),
      passedNames: ended.filter((one) => one.status === 'PASS').map((one) => nameOf(one.test).name),
    };
  },
};

/** A test that did not pass in a try of its own. */
function badOf(line: string): string | null {
  const status = statusOf(line);
  return status && BAD.test(status.status) && !status.isTry ? status.test : null;
}

function statusOf(line: string): { isTry: boolean; status: string; test: string } | null {
  const match = STATUS.exec(line);
  return match && { isTry: match[1] !== undefined, status: match[2]!, test: match[3]!.trim() };
}

/** `shop tests::half`, `shop::it half`: the binary stands before the name. */
function nameOf(test: string): { name: string; scope: string } {
  const space = test.indexOf(' ');
  return { scope: test.slice(0, Math.max(0, space)), name: test.slice(space + 1).trim() };
}

function toFailure(test: string, lines: readonly string[]): TestFailure {
  const { name, scope } = nameOf(test);
  const panic = lines.findIndex((line) => /^thread '.*panicked at /.test(line));
  const own = panic < 0 ? lines : lines.slice(panic);
  return { ...failureFrom(name, own, { message: panicMessage(own) }), ...(scope ? { scope } : {}) };
}

/** What each test printed: below `--- STDERR: shop half ---` or `──── STDERR: shop half`, or indented below its line. */
function outputs(lines: readonly string[]): Map<string, string[]> {
  const said = new Map<string, string[]>();
  const add = (test: string, own: readonly string[]) =>
    said.set(test.trim(), [...(said.get(test.trim()) ?? []), ...own]);
  const old = blocksOf(
    lines,
    // With box characters, where the terminal has them, nothing closes the line.
    (line) => (OLD.test(line) ? line.replace(OLD, '').replace(/ ---$/, '') : null),
    (line) => statusOf(line) !== null || /^(?:-{10,}|─{10,})$/.test(line) || SUMMARY.test(line),
  );
  for (const { name, lines: own } of old) add(name, own);
  const indented = blocksOf(
    lines,
    (line) => statusOf(line)?.test ?? null,
    (line) => /^\S/.test(line) || SUMMARY.test(line),
    Number.POSITIVE_INFINITY,
  );
  for (const { name, lines: own } of indented) {
    add(name, dedent(own.filter((line) => !/^ {2}(?:stdout|stderr|output) ─+/.test(line))).split('\n'));
  }
  return said;
}
