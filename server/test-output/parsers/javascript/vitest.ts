/** vitest's default and verbose reporters, watch mode and workspaces of projects included. */
import { blocksOf, countOf, failureFrom, messageOf, unique, withoutTime } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const RULE = /^⎯{5,}/;
const SUMMARY = /^ {0,2}Test Files {2}/;
const UNHANDLED = /^⎯{3,} ((?:Unhandled|Uncaught) (?:Rejection|Error|Exception|Source Error)) ⎯/;

export const vitest: RunParser = {
  runner: 'vitest',
  marks: /^ {0,2}Test Files {2}|^ ?(?:RUN|DEV) {2}v\d|^⎯{3,} (?:Failed (?:Tests|Suites)|Unhandled Errors)/,
  begins: /^ ?(?:RUN|DEV) {2}v\S+ (.*)$|^ ?RERUN {1,2}/,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    const tests = lines.findLast((line) => /^ {0,7}Tests {2}/.test(line)) ?? '';
    const errors = lines
      .filter((line) => /^ {0,8}(?:Type )?Errors {2}\d/.test(line))
      .reduce((sum, line) => sum + countOf(line, 'error'), 0);
    const failures = unique([...failedTests(lines), ...unhandled(lines)]);
    const suites = summary && !/\d/.test(tests) ? countOf(summary, 'failed') : 0;
    return {
      passed: tests ? countOf(tests, 'passed') : null,
      failed: Math.max(countOf(tests, 'failed') + errors + suites, failures.length),
      failures,
      passedNames: passedNames(lines),
    };
  },
};

/** One failure for each `FAIL` line; several such lines (projects, browsers) share what follows. */
function failedTests(lines: readonly string[]): TestFailure[] {
  const blocks = blocksOf(
    lines,
    (line) => /^ ?FAIL {2}(?!Tests failed\.)(.*)/.exec(line)?.[1] ?? null,
    (line) => RULE.test(line) || SUMMARY.test(line) || /^ ?(?:FAIL|PASS) {2}/.test(line),
  );
  return blocks.map(({ name: title, lines: own }, i) => {
    let reported = own;
    for (let next = i + 1; reported.length === 0 && next < blocks.length; next++)
      reported = blocks[next]!.lines;
    const [name, file] = nameOf(title);
    return failureFrom(name, reported, { message: messageOf(reported), file });
  });
}

/** Without the project's mark (`|unit| `, or a coloured label); the whole path of a suite stands in brackets behind it. */
function nameOf(title: string): [string, string] {
  const bare = title.replace(/^\|[^|]{1,80}\| |^ \S[^>]{0,60}? {2}(?=\S)/, '').trim();
  const bracket = bare.endsWith(' ]') ? bare.lastIndexOf(' [ ') : -1;
  const name = bracket < 0 ? bare : bare.slice(0, bracket);
  return [name, bracket < 0 ? name.split(' > ')[0]! : bare.slice(bracket + 3, -2)];
}

/** Errors outside of tests: vitest counts them, and no test fails for them. */
function unhandled(lines: readonly string[]): TestFailure[] {
  return blocksOf(
    lines,
    (line) => UNHANDLED.exec(line)?.[1] ?? null,
    (line) => RULE.test(line) || SUMMARY.test(line),
  ).map(({ name, lines: own }) => {
    const text = own.join('\n');
    const file = /^This error originated in "([^"]{1,300})"/m.exec(text)?.[1];
    return failureFrom(name, own, { message: messageOf(own), file });
  });
}

function passedNames(lines: readonly string[]): string[] {
  let file = '';
  return lines.flatMap((line) => {
    file = /^ ?[❯✓√] (?:\|[^|]{1,60}\| )?(\S+) \(\d+ tests?\b/.exec(line)?.[1] ?? file;
    const name = /^\s+[✓√] (\S.*)/.exec(line)?.[1];
    if (name === undefined || / \(\d+ tests?\b/.test(name)) return [];
    const test = withoutTime(name).replace(/^\|[^|]{1,80}\| /, '');
    return [/^\S+\.\w+ > /.test(test) || file === '' ? test : `${file} > ${test}`];
  });
}
