/** vitest's default and verbose reporters. */
import { blocksOf, countOf, failureFrom, messageOf, type Parser, unique } from '../report';

export const vitest: Parser = ({ lines }) => {
  const summary = lines.findLast((line) => /^\s+Test Files {2}/.test(line));
  if (!summary && !lines.some((line) => /^ (?:RUN|DEV) {2}v\d/.test(line))) {
    return null;
  }
  const tests = lines.findLast((line) => /^\s+Tests {2}/.test(line)) ?? '';
  const failures = unique(
    blocksOf(
      lines,
      (line) => /^ FAIL {2}(.*?)(?: \[ .* \])?$/.exec(line)?.[1] ?? null,
      (line) => /^⎯{5,}/.test(line) || /^\s+Test Files {2}/.test(line),
    ).map((block) => failureFrom(block.name, block.lines, { message: messageOf(block.lines) })),
  );
  return {
    runner: 'vitest',
    passed: tests ? countOf(tests, 'passed') : null,
    failed: Math.max(countOf(tests, 'failed'), failures.length),
    failures,
    passedNames: lines.flatMap((line) => /^\s+[✓√] (\S+ > .*?)(?: \d+m?s)?$/.exec(line)?.[1] ?? []),
  };
};
