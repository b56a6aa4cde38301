/** node:test's spec and dot reporters; its TAP is read by tap.ts. */

import { blocksOf, failureFrom, type Parser } from '../report';
import { withCrashes } from './node-crash';

export const nodeTest: Parser = ({ lines }) => {
  const spec = lines.some((line) => /^ℹ tests \d+$/.test(line));
  const from = lines.findIndex((line) => /^(?:✖ failing tests:|Failed tests:)$/.test(line));
  if (!spec && from < 0) {
    return null;
  }
  const count = (word: string) =>
    Number(
      lines.flatMap((line) => new RegExp(`^ℹ ${word} (\\d+)$`).exec(line)?.[1] ?? []).pop() ?? Number.NaN,
    );
  const failures = blocksOf(
    from < 0 ? [] : lines.slice(from + 1),
    (line) => /^✖ (.*?)(?: \([\d.]+ms\))?$/.exec(line)?.[1] ?? null,
    (line) => /^test at /.test(line),
  )
    .map((block) => failureFrom(block.name, block.lines))
    // A group that failed for its tests only.
    .filter((failure) => !/^'?\d+ subtests? failed'?$/.test(failure.message));
  return {
    runner: 'node:test',
    passed: spec ? count('pass') : null,
    failed: spec ? count('fail') : failures.length,
    failures: [...withCrashes(failures, lines)],
    passedNames: lines.flatMap((line) => /^\s*✔ (.*?)(?: \([\d.]+ms\))?$/.exec(line)?.[1] ?? []),
  };
};
