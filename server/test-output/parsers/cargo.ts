/** cargo test, and what rustc says where it does not build. */
import { blocksOf, countOf, failureFrom, type Parser } from '../report';

export const cargo: Parser = ({ lines }) => {
  const results = lines.filter((line) => /^test result: /.test(line));
  const built = !lines.some((line) => /^error: could not compile /.test(line));
  if (results.length === 0 && built && !lines.some((line) => /^test \S+ \.\.\. /.test(line))) {
    return null;
  }
  const failures = blocksOf(
    lines,
    (line) => /^---- (.*?) stdout ----$/.exec(line)?.[1] ?? null,
    (line) => /^failures:$|^test result: /.test(line),
  ).map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) }));
  const errors = built
    ? []
    : blocksOf(
        lines,
        (line) => /^(error(?:\[E\d+\])?: (?!could not compile|aborting).*)$/.exec(line)?.[1] ?? null,
        (line) => /^(?:warning|For more information|error: (?:could not|aborting))/.test(line),
      ).map((block) => failureFrom(block.name, [block.name, ...block.lines], { message: block.name }));
  return {
    runner: 'cargo test',
    passed: results.reduce((sum, line) => sum + countOf(line, 'passed'), 0),
    failed: results.reduce((sum, line) => sum + countOf(line, 'failed'), 0) + errors.length,
    failures: [...failures, ...errors],
    passedNames: lines.flatMap((line) => /^test (.*?) \.\.\. ok$/.exec(line)?.[1] ?? []),
  };
};

/** The panic's own lines. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^(?:stack backtrace:|note: )/.test(line));
  return lines
    .slice(0, end < 0 ? 20 : end)
    .map((line) => line.replace(/^thread '.*?' (?:\(\d+\) )?panicked at .*:$/, 'panicked:'))
    .filter((line) => line.trim() !== '')
    .join('\n');
}
