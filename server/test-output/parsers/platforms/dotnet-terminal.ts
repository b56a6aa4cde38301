/** dotnet test since SDK 9: the terminal logger, and Microsoft's testing platform. */
import { blocksOf, countAfter, dedent, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';
import { message } from './dotnet';

const SUMMARY = /^Test summary: total: \d+, failed: \d+, succeeded: \d+/;
const RUN = /^Test run summary: /;
const TEST_ERROR = /^\s+(\S.*)\((\d+)\): error (?:TESTERROR|VSTEST1): ?(.*)/;
/** `failed TakesHalf (3ms)` */
const PLATFORM = /^(failed|passed|skipped) (\S.*?)(?: \((?:[\d.]+(?:h|m|s|ms) ?)+\))?$/;

export const dotnetTerminal: RunParser = {
  runner: 'dotnet test',
  marks: /^Test summary: total: \d+, failed: \d+|^Test run summary: /,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    const at = lines.findLastIndex((line) => RUN.test(line));
    if (!summary && at < 0) return null;
    const reported = summary
      ? [summary]
      : lines.slice(at, at + 60).filter((line) => /^\s+(?:total|failed|succeeded|skipped): \d+$/.test(line));
    const count = (word: string) => reported.reduce((sum, line) => sum + countAfter(line, word), 0);
    const failures = unique(summary ? terminal(lines) : platform(lines.slice(0, at)));
    return {
      passed: count('succeeded'),
      failed: count('failed'),
      failures: count('failed') === 0 ? [] : failures,
      passedNames: lines.flatMap((line) =>
        line.startsWith('passed ') ? (PLATFORM.exec(line)?.[2] ?? []) : [],
      ),
    };
  },
};

/** A place, then the test's name, time and message in a line of their own. */
function terminal(lines: readonly string[]): TestFailure[] {
  const ends = (line: string) =>
    TEST_ERROR.test(line) ||
    SUMMARY.test(line) ||
    (/^\S/.test(line) && /\b(?:succeeded|failed)\b/.test(line));
  return lines.flatMap((line, i) => {
    const match = line.includes(': error ') ? TEST_ERROR.exec(line) : null;
    if (!match) return [];
    const rest = lines.slice(i + 1);
    const end = rest.findIndex((one) => ends(one) || one.trim() === '');
    const own = [match[3]!, ...rest.slice(0, end < 0 ? rest.length : end)].filter((one) => one.trim() !== '');
    const first = own[0]?.trim() ?? '';
    const said = first.indexOf(': Error Message: ');
    const name = (said < 0 ? first : first.slice(0, said)).replace(/ \((?:< )?[\d.,]+ ?m?s\)$/, '');
    const text = said < 0 ? own.slice(1) : [`Error Message: ${first.slice(said + 17)}`, ...own.slice(1)];
    const stack = text.findIndex((one) => /^\s*Stack Trace:/.test(one));
    const spoken = text
      .slice(0, stack < 0 ? 20 : stack)
      .map((one) => one.trim().replace(/^Error Message: ?/, ''));
    const failure = failureFrom(name, stack < 0 ? text : text.slice(stack + 1), {
      message: spoken.join('\n'),
    });
    const place = { file: match[1]!, line: Number(match[2]), column: null };
    return [failure.frames.length > 0 ? failure : { ...failure, frames: [place] }];
  });
}

/** `failed Name (3ms)`, below it the message and, indented more, the stack. */
function platform(lines: readonly string[]): TestFailure[] {
  return blocksOf(
    lines,
    (line) => (line.startsWith('failed ') ? (PLATFORM.exec(line)?.[2] ?? null) : null),
    (line) => /^\S/.test(line),
  ).map(({ name, lines: own }) => {
    const end = own.findIndex((line) => /^\s+at |^\s+Stack Trace:/.test(line));
    const text = own.slice(0, end < 0 ? 20 : end).filter((line) => !/^\s+from \S.*\.dll\b/.test(line));
    return failureFrom(name, own, {
      message: own.some((line) => /^\s*Error Message:/.test(line)) ? message(own) : dedent(text),
    });
  });
}
