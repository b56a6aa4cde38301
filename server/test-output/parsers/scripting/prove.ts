/** Perl's prove, and Test::More's diagnostics. */
import { blocksOf, countAfter, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const RESULT = /^Result: (PASS|FAIL|NOTESTS)$/;
const FILE = /^(\S+\.(?:t|pl|pm)) \.{2,} ?(.*)/;

export const prove: RunParser = {
  runner: 'prove',
  marks: /^Result: (?:PASS|FAIL|NOTESTS)$|^Files=\d+, Tests=\d+, |^\S+\.t \.{2,} ?/,
  ends: /^Result: (?:PASS|FAIL|NOTESTS)$/,
  wraps: ['tap'],
  parse({ lines: all }) {
    const at = all.findLastIndex((line) => RESULT.test(line));
    const before = all.slice(0, Math.max(0, at)).findLastIndex((line) => RESULT.test(line));
    const lines = all.slice(before + 1);
    const result = RESULT.exec(all[at] ?? '')?.[1];
    const failures = result === 'PASS' ? [] : unique([...failedTests(lines), ...brokenFiles(lines)]);
    const ran = countAfter(lines.findLast((line) => /^Files=\d+, Tests=/.test(line)) ?? '', 'Tests');
    return {
      passed: Math.max(0, ran - failures.length),
      failed: failures.length || (result === 'FAIL' ? 1 : 0),
      failures,
      passedNames: [],
      ...(result === undefined ? { verdict: 'unknown' as const } : {}),
    };
  },
};

/** `#   Failed test 'takes half'` with its place and both values below, all of it comments. */
function failedTests(lines: readonly string[]): TestFailure[] {
  const comments = lines.map((line) => (/^\s*#/.test(line) ? line.replace(/^\s*# ?/, '') : line));
  const first = (line: string) => /^ {1,2}Failed (?:\(TODO\) )?test( ['a]|$)/.test(line);
  return blocksOf(
    comments,
    (line) => (first(line) ? line : null),
    (line) => /^Looks like you |^\S+\.t \.\.|^(?:not )?ok \d|^Tests were run|^$/.test(line),
  ).map(({ name: line, lines: own }) => {
    // The place follows in a line of its own where the name leaves no room for it.
    const at = line.endsWith('.') ? line.lastIndexOf(' at ') : -1;
    const title = (at < 0 ? line : line.slice(0, at)).trim();
    const name = title.includes("'") ? title.slice(title.indexOf("'") + 1, title.lastIndexOf("'")) : title;
    const failure = failureFrom(name, [...(at < 0 ? [] : [line.slice(at + 1)]), ...own], {
      message: own
        .filter((one) => !/^ {0,20}(?:at|in) \S/.test(one) || !/ line \d{1,7}\.?$/.test(one))
        .map((one) => one.trim())
        .join('\n'),
    });
    return { ...failure, file: failure.frames[0]?.file };
  });
}

/** A file that died: what it said stands above prove's own line. */
function brokenFiles(lines: readonly string[]): TestFailure[] {
  return lines.flatMap((line, i) => {
    const file = FILE.exec(line);
    const next = lines.slice(i, i + 8).join(' ');
    if (!file || !/No subtests run|Dubious, test returned|exited|Parse errors/.test(next)) return [];
    const before = lines.slice(Math.max(0, i - 6), i);
    const own = before.slice(
      before.findLastIndex((one) => FILE.test(one) || /^(?:Failed \d+\/\d+ subtests|Dubious,)/.test(one)) + 1,
    );
    // In a terminal it follows prove's own line, in a pipe it comes before.
    const after = lines.slice(i + 1, i + 8);
    const end = after.findIndex(
      (one) => /^(?:Dubious,|Failed \d+\/\d+ subtests)/.test(one) || FILE.test(one),
    );
    const said = [...own, file[2]!, ...after.slice(0, Math.max(0, end))].filter(
      (one) => / line \d/.test(one) && one.includes(' at ') && !/^\s*#/.test(one),
    );
    return said.length === 0
      ? []
      : [failureFrom(file[1]!, said, { message: said.join('\n'), file: file[1]! })];
  });
}
