/** cargo test, and what rustc says where it does not build. */
import { blocksOf, countOf, failureFrom } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const RESULT = /^test result: /;
const TEST = /^test (\S.*) \.\.\. (?:ok|FAILED|ignored)/;

export const cargo: RunParser = {
  runner: 'cargo test',
  marks:
    /^test result: (?:ok|FAILED)\.|^error: could not compile |^test \S+ \.\.\. (?:ok|FAILED)|^error: test failed, to rerun pass /,
  parse({ lines }) {
    const results = lines.filter((line) => RESULT.test(line));
    const built = !lines.some((line) => /^error: could not compile /.test(line));
    const failures = blocksOf(
      lines,
      (line) => (line.startsWith('---- ') && line.endsWith(' stdout ----') ? line.slice(5, -12) : null),
      (line) => line === 'failures:' || RESULT.test(line),
    ).map((block) => failureFrom(block.name, block.lines, { message: panicMessage(block.lines) }));
    const errors = built
      ? []
      : blocksOf(
          lines,
          (line) => /^(error(?:\[E\d+\])?: (?!could not compile|aborting).*)/.exec(line)?.[1] ?? null,
          (line) => /^(?:warning|For more information|error: (?:could not|aborting))/.test(line),
        ).map((block) => failureFrom(block.name, [block.name, ...block.lines], { message: block.name }));
    return {
      passed: results.reduce((sum, line) => sum + countOf(line, 'passed'), 0),
      failed: Math.max(
        results.reduce((sum, line) => sum + countOf(line, 'failed'), 0) + errors.length,
        failures.length + errors.length,
        lines.filter((line) => line.endsWith(' ... FAILED') && TEST.test(line)).length,
      ),
      failures: [...failures, ...errors, ...(failures.length + errors.length === 0 ? aborted(lines) : [])],
      passedNames: lines.flatMap((line) => (line.endsWith(' ... ok') ? (TEST.exec(line)?.[1] ?? []) : [])),
      ...(results.length === 0 && built ? { verdict: 'unknown' as const } : {}),
    };
  },
};

/** A test program that a signal ended: it counts nothing. The test is the one that began last, or whose stack overflowed. */
function aborted(lines: readonly string[]): TestFailure[] {
  const from = lines.findIndex((line) => /^error: test failed, to rerun pass /.test(line));
  const cause = lines.findIndex((line, i) => i > from && /process didn't exit successfully:/.test(line));
  if (from < 0 || cause < 0) return [];
  const overflow = lines.flatMap(
    (line) => /^thread '(.{1,200})' (?:\(\d+\) )?has overflowed its stack/.exec(line)?.[1] ?? [],
  );
  const begun = lines.flatMap((line) => /^test (\S.*) \.\.\. *$/.exec(line)?.[1] ?? []);
  const name = overflow.pop() ?? begun.pop() ?? '';
  return [
    failureFrom(name, lines.slice(Math.max(0, from - 20), cause + 1), { message: lines[cause]!.trim() }),
  ];
}

/** The panic's own lines, its place left out. */
export function panicMessage(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s*(?:stack backtrace:|note: )/.test(line));
  return lines
    .slice(0, end < 0 ? 20 : end)
    .map((line) =>
      // Since Rust 1.73 the message stands in the lines below; before, in the same line, between quotes.
      line.endsWith(':') && /^\s*thread '.*panicked at /.test(line)
        ? 'panicked:'
        : line.replace(/^\s*thread '.*' panicked at '/, 'panicked: '),
    )
    .filter((line) => line.trim() !== '')
    .join('\n');
}
