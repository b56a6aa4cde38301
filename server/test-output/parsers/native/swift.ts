/** XCTest and Swift Testing, from `swift test` and xcodebuild. */
import { countOf, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const CASE = /^Test Case '(?:-\[)?(.*?)\]?' (started|passed|failed|skipped)/;
/** `/a/CartTests.swift:12: error: CartTests.testHalf : XCTAssertEqual failed: …`; macOS writes `-[ShopTests.CartTests testHalf]`. */
const ERROR = /^(\S.*\.swift:\d+): error: (?:-\[)?(\S+?(?: \S+?)?)\]? : (.*)/;
const RUN = /^.{0,3}Test run with \d+ tests?.* (passed|failed) after /;
/** Swift Testing: `✘ Test "takes half" recorded an issue at CartTests.swift:12:5: Expectation failed: …`. */
const ISSUE =
  /^.{0,3}Test (\S.*?)(?: with \d+ argument.*?)? recorded an issue(?: with .*?)? at (\S+\.swift:\d+:\d+): (.*)/;

export const swift: RunParser = {
  runner: 'swift test',
  marks:
    /^Test Suite '.*' (?:started|passed|failed) at |^\s*Executed \d+ tests?, with |^.{0,3}Test run with \d+ tests?/,
  begins: /^Test Suite '(?:All tests|Selected tests)' started at /,
  parse({ lines }) {
    const executed = lines.findLast((line) => /^\s*Executed \d+ tests?, with /.test(line)) ?? '';
    const run = lines.findLast((line) => RUN.test(line)) ?? '';
    const failures = unique([...xctest(lines), ...issues(lines), ...crashed(lines)]);
    const failed = Math.max(
      failures.length,
      countOf(executed, 'failures?'),
      / failed after /.test(run) ? 1 : 0,
    );
    const ran = countOf(executed, 'tests?') + countOf(run, 'tests?');
    return {
      passed: executed || run ? Math.max(0, ran - failures.length) : null,
      failed,
      failures,
      passedNames: lines.flatMap((line) =>
        CASE.exec(line)?.[2] === 'passed' ? nameOf(CASE.exec(line)![1]!) : [],
      ),
    };
  },
};

/** `ShopTests.CartTests testHalf` and `CartTests.testHalf` are the same test. */
function nameOf(printed: string): string {
  const [type = '', method] = printed.split(' ');
  return method ? `${type.slice(type.lastIndexOf('.') + 1)}.${method}` : printed;
}

/** Each test with all its errors; a message goes on in the lines below. */
function xctest(lines: readonly string[]): TestFailure[] {
  const said = new Map<string, string[]>();
  lines.forEach((line, i) => {
    const match = line.includes(': error: ') ? ERROR.exec(line) : null;
    if (!match) return;
    const rest = lines.slice(i + 1, i + 20);
    const end = rest.findIndex((one) => one.trim() === '' || CASE.test(one) || ERROR.test(one));
    const name = nameOf(match[2]!);
    said.set(name, [
      ...(said.get(name) ?? []),
      `${match[1]}: ${match[3]}`,
      ...rest.slice(0, Math.max(0, end)),
    ]);
  });
  return [...said].map(([name, own]) =>
    failureFrom(name, own, { message: own.map((line) => line.replace(/^\S.*\.swift:\d+: /, '')).join('\n') }),
  );
}

function issues(lines: readonly string[]): TestFailure[] {
  return lines.flatMap((line, i) => {
    const match = line.includes(' recorded an issue') ? ISSUE.exec(line) : null;
    if (!match) return [];
    const name = match[1]!.replace(/^"(.*)"$/, '$1');
    // Notes and comments follow in lines of their own.
    const rest = lines.slice(i + 1, i + 10);
    const end = rest.findIndex((one) => !/^(?:↳| {2,}\S)/.test(one));
    const notes = rest.slice(0, end < 0 ? rest.length : end).map((one) => one.trim());
    return [failureFrom(name, [match[2]!, ...notes], { message: [match[3]!, ...notes].join('\n').trim() })];
  });
}

/** A test that began and did not end, with the fatal error that ended the program. */
function crashed(lines: readonly string[]): TestFailure[] {
  const fatal = lines.findIndex((line) =>
    /\bFatal error\b|^Exited with (?:unexpected )?signal code /.test(line),
  );
  if (fatal < 0) return [];
  const before = lines.slice(0, fatal).flatMap((line) => CASE.exec(line)?.slice(1, 3) ?? []);
  const [name, state] = before.slice(-2);
  if (name === undefined || state !== 'started') return [];
  const own = lines
    .slice(fatal, fatal + 10)
    .map((line) => line.replace(/: file (\S+\.swift), line (\d+)/, ': $1:$2'));
  return [failureFrom(nameOf(name), own, { message: lines[fatal]! })];
}
