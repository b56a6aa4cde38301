/** Ginkgo, alone or under go test. */
import { blocksOf, countOf, dedent, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const RULE = /^-{20,}$/;
const END = /^(?:SUCCESS!|FAIL!) -- \d+ Passed/;

export const ginkgo: RunParser = {
  runner: 'ginkgo',
  marks: /^Running Suite: |^(?:SUCCESS!|FAIL!) -- \d+ Passed|^Ran \d+ of \d+ Specs in /,
  parse({ lines }) {
    const sums = lines.filter((line) => END.test(line));
    const failures = unique(
      blocksOf(
        lines,
        (line) =>
          /^[•S]? ?\[(?:FAILED|PANICKED!?|TIMEDOUT|INTERRUPTED|FAIL)\] \[[\d.]+ seconds\]$/.test(line) ||
          /^• (?:Failure|Panic)/.test(line)
            ? line
            : null,
        (line) => RULE.test(line) || END.test(line) || /^Summarizing \d+ Failure/.test(line),
      ).map((block) => failureOf(block.lines)),
    );
    const failed = sums.reduce((sum, line) => sum + countOf(line, 'Failed'), 0);
    return {
      passed: sums.length > 0 ? sums.reduce((sum, line) => sum + countOf(line, 'Passed'), 0) : null,
      failed: Math.max(failed, failures.length, sums.some((line) => line.startsWith('FAIL!')) ? 1 : 0),
      failures: failures.length > 0 ? failures : summarized(lines),
      passedNames: [],
    };
  },
};

/** The spec's name, its place, then what was expected and where. */
function failureOf(lines: readonly string[]): TestFailure {
  const name = (lines[0] ?? '').replace(/ ?\[(?:It|BeforeEach|AfterEach|FAILED|PANICKED|Fail)\]/g, '').trim();
  const from = lines.findIndex((line) => /^\s*\[(?:FAILED|PANICKED|TIMEDOUT)\]/.test(line));
  const own = lines.slice(from < 0 ? 2 : from);
  const end = own.findIndex((line) => /^\s*Full Stack Trace/.test(line));
  const said = own.slice(0, end < 0 ? 30 : end).filter((line) => !/^\s*In \[\w+\] at: /.test(line));
  const message = dedent(said).replace(/^\[(?:FAILED|PANICKED|TIMEDOUT)\] /, '');
  const failure = failureFrom(name, own, { message });
  return failure.frames.length > 0 ? failure : { ...failure, frames: failureFrom(name, lines).frames };
}

/** `  [FAIL] Cart [It] takes half`, the place below it. */
function summarized(lines: readonly string[]): TestFailure[] {
  return unique(
    lines.flatMap((line, i) => {
      const name = /^ {2}\[(?:FAIL|PANICKED!?|TIMEDOUT)\] (.*)/.exec(line)?.[1];
      return name === undefined
        ? []
        : [failureFrom(name.replace(/ ?\[\w+\]/g, ''), [lines[i + 1] ?? ''], { message: line.trim() })];
    }),
  );
}
