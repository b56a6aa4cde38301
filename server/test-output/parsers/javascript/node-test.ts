/** node:test's spec and dot reporters; its TAP is read by tap.ts. */
import { blocksOf, failureFrom, MOST_FAILURES, withoutTime } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';
import { withCrashes } from './node-crash';

const LIST = /^(?:✖ failing tests:|Failed tests:)$/;

export const nodeTest: RunParser = {
  runner: 'node:test',
  marks: /^ℹ (?:tests|pass|fail) \d+$|^(?:✖ failing tests:|Failed tests:)$/,
  parse({ lines }) {
    const spec = lines.findLastIndex((line) => /^ℹ tests \d+$/.test(line));
    const from = lines.findLastIndex((line) => LIST.test(line));
    const count = (word: string) =>
      Number(
        lines
          .slice(spec)
          .find((line) => line.startsWith(`ℹ ${word} `))
          ?.slice(word.length + 3) ?? Number.NaN,
      );
    let place: string | undefined;
    const blocks = blocksOf(
      from < Math.max(0, spec) ? [] : lines.slice(from + 1),
      (line) => {
        place = /^test at (.*):\d+:\d+$/.exec(line)?.[1] ?? place;
        const name = /^✖ (.*)/.exec(line)?.[1];
        return name === undefined ? null : `${place ?? ''}\n${withoutTime(name)}`;
      },
      (line) => /^test at |^\S.*(?:>|\$) /.test(line) || /^ℹ /.test(line),
    );
    const failures = blocks
      // Cut off behind a title.
      .filter((block, i) => i < blocks.length - 1 || block.lines.some((line) => line.trim() !== ''))
      .map((block) => {
        const [file = '', name = ''] = block.name.split('\n');
        return failureFrom(name, block.lines, { file: file.replace(/^(?:\.[\\/])+/, '') });
      })
      // A group that failed for its tests only.
      .filter((failure) => !/^'?\d+ subtests? failed'?$/.test(failure.message));
    const reported = failures.length > 0 || spec < 0 ? failures : listedFailures(lines);
    return {
      passed: spec < 0 ? null : count('pass'),
      failed: spec < 0 ? failures.length : count('fail'),
      failures: [...withCrashes(reported, lines)],
      passedNames: lines.flatMap((line) => withoutTime(/^\s*✔ (.*)/.exec(line)?.[1] ?? '') || []),
    };
  },
};

/** The list of tests, where what is told again below it was cut off. A group is announced before its tests. */
function listedFailures(lines: readonly string[]): TestFailure[] {
  const groups = new Set(lines.flatMap((line) => /^\s*▶ (.*)/.exec(line)?.[1] ?? []));
  const names = lines.flatMap((line) => withoutTime(/^\s*✖ (.*)/.exec(line)?.[1] ?? '') || []);
  return names
    .filter((name) => !groups.has(name) && !LIST.test(`✖ ${name}`))
    .slice(0, MOST_FAILURES)
    .map((name) => failureFrom(name, [], { message: name }));
}
