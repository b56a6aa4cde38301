/** AVA: each failed test is told again below the list, between rulers. */
import { dedent, failureFrom, MOST_FAILURES, unique, withoutTime } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const COUNT =
  /^ {2}(\d+) (?:known failure|tests?|hooks?|uncaught exceptions?|unhandled rejections?)(?: (passed|failed|skipped|todo|remained pending))?/;
const FAILED = /^ {2}[✘✖×] \[(?:fail|unfinished)\]: (.*)/;

export const ava: RunParser = {
  runner: 'ava',
  marks:
    /^ {2}[✘✖×] \[fail\]: |^ {2}\d+ tests? (?:passed|failed)$|^ {2}[✘✖×] \S.* exited with a non-zero exit code|^ {2}(?:Uncaught exception|Unhandled rejection) in /,
  parse({ lines }) {
    const counts = lines.flatMap((line) => {
      const match = COUNT.exec(line);
      return match ? [{ count: Number(match[1]), what: line.trim() }] : [];
    });
    const sum = (pattern: RegExp) =>
      counts.reduce((n, one) => n + (pattern.test(one.what) ? one.count : 0), 0);
    const passed = sum(/tests? passed/);
    const failed = sum(/(?:tests?|hooks?) failed|uncaught|unhandled/);
    const titles = [
      ...new Set(
        lines.flatMap(
          (line) =>
            withoutTime(FAILED.exec(line)?.[1]?.split(/ (?=Rejected promise|Error thrown)/)[0] ?? '') || [],
        ),
      ),
    ];
    const failures = unique([
      ...titles.slice(0, MOST_FAILURES).map((title) => reported(title, lines, new Set(titles))),
      ...uncaught(lines),
    ]);
    return {
      passed: counts.length > 0 ? passed : null,
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: lines.flatMap((line) => withoutTime(/^ {2}[✔✓] (\S.*)/.exec(line)?.[1] ?? '') || []),
    };
  },
};

/** What stands below the test's title, up to the next ruler. */
function reported(title: string, lines: readonly string[], others: ReadonlySet<string>): TestFailure {
  const from = lines.findLastIndex((line) => line.trim() === title);
  const rest = from < 0 ? [] : lines.slice(from + 1);
  const end = rest.findIndex((line) => /^ {2}─+$/.test(line) || COUNT.test(line) || others.has(line.trim()));
  const own = rest.slice(0, end < 0 ? rest.length : end);
  return failureFrom(title, frames(own), { message: message(own) });
}

function uncaught(lines: readonly string[]): TestFailure[] {
  return lines.flatMap((line, i) => {
    const file = /^ {2}(?:Uncaught exception|Unhandled rejection) in (\S.*)/.exec(line)?.[1];
    if (file === undefined) return [];
    const rest = lines.slice(i + 1);
    const end = rest.findIndex((one) => /^ {2}[─✘✖×]/.test(one) || COUNT.test(one));
    const own = rest.slice(0, end < 0 ? rest.length : end);
    return [failureFrom(line.trim(), frames(own), { message: message(own), file })];
  });
}

/** The stack's lines begin with an arrow; without one, the place above the code. */
function frames(lines: readonly string[]): string[] {
  const stack = lines
    .filter((line) => /^ +(?:›|at ) ?/.test(line))
    .map((line) => line.replace(/^ +› (?:file:\/\/(?!\/))?/, '  at '));
  return stack.length > 0
    ? [...lines.filter((line) => !/^ +(?:›|at )|^ {2}\S+:\d+$/.test(line)), ...stack]
    : [...lines];
}

/** Without the place and the code, which is numbered, and the stack. */
function message(lines: readonly string[]): string {
  return dedent(
    lines.filter((line) => line.trim() !== '' && !/^ {2}›|^ {2}\S+:\d+$|^ +\d+: |^ +\d+:$|^ +at /.test(line)),
  );
}
