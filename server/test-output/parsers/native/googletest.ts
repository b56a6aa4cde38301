/** GoogleTest, its own lines behind ctest's number or not. */
import { blocksOf, countOf, failureFrom, MOST_FAILURES, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const RUN = /^\[ RUN {6}\] (\S+)$/;
const RESULT =
  /^\[ {2,7}(OK|FAILED|SKIPPED) +\] ([^\s,]+)(?:, where (?:TypeParam|GetParam\(\)) = .*)? \(\d+ ms\)$/;
const TOTAL = /^\[={10}\] \d+ tests? from \d+ test (?:suites?|cases?) ran\./;

export const googletest: RunParser = {
  runner: 'googletest',
  marks:
    /^\[ RUN {6}\] \S+$|^\[={10}\] \d+ tests? from \d+ test (?:suites?|cases?) ran\.|^\[ {2}(?:PASSED|FAILED) {2}\] \d+ tests?[.,]/,
  begins: /^\[={10}\] Running \d+ tests? from /,
  parse({ lines }) {
    const results = lines.flatMap((line) => {
      const match = RESULT.exec(line);
      return match ? [{ status: match[1]!, name: match[2]! }] : [];
    });
    const bad = new Set(results.filter((one) => one.status === 'FAILED').map((one) => one.name));
    const ended = new Set(results.map((one) => one.name));
    const complete = lines.some((line) => TOTAL.test(line));
    const failures: TestFailure[] = [];
    for (const { name, lines: own } of blocksOf(
      lines,
      (line) => RUN.exec(line)?.[1] ?? null,
      (line) => RESULT.test(line) || /^\[[-=]{10}\] /.test(line),
      Number.POSITIVE_INFINITY,
    )) {
      // A test that began and did not end took the program down with it.
      const crashed =
        !ended.has(name) &&
        own.some((line) =>
          /\b(?:Segmentation fault|SIG[A-Z]{3,}|Abort|terminate called|exception|Assertion .{0,400} failed|ERROR: AddressSanitizer|runtime error)/i.test(
            line,
          ),
        );
      if ((bad.has(name) || crashed) && failures.length < MOST_FAILURES)
        failures.push(failureFrom(name, own, { message: message(own) }));
    }
    const counted = lines.reduce(
      (most, line) =>
        Math.max(
          most,
          /^ ?\d+ FAILED TESTS?$|^\[ {2}FAILED {2}\] \d+ tests?,/.test(line)
            ? countOf(line, '(?:FAILED|tests?)')
            : 0,
        ),
      0,
    );
    const passed = lines.findLast((line) => /^\[ {2}PASSED {2}\] \d+ tests?\./.test(line));
    return {
      passed: passed ? countOf(passed, 'tests?') : complete ? 0 : null,
      failed: Math.max(counted, failures.length),
      failures: unique(failures),
      passedNames: results.filter((one) => one.status === 'OK').map((one) => one.name),
    };
  },
};

/** Without the place, which stands before "Failure" (gcc, clang) or "error:" (MSVC). */
function message(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\S.*:\d+: Failure$/, '').replace(/^\S.*\(\d+\): error: /, ''))
    .filter((line) => line.trim() !== '')
    .slice(0, 30)
    .join('\n');
}
