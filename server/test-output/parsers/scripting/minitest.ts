/** minitest, under Rails and Rake too, and test-unit, which counts alike. */
import { blocksOf, countOf, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const SUMMARY = /^\d+ (?:runs|tests), \d+ assertions, \d+ failures, \d+ errors/;
/** minitest: `  1) Failure:` or `Failure:`, test-unit: `Failure: test_half(CartTest)`. */
const FIRST = /^(?: {2}\d+\) )?(?:Failure|Error):(?: (\S.*))?$/;

export const minitest: RunParser = {
  runner: 'minitest',
  marks: SUMMARY,
  begins: /^Run options: .*--seed \d+|^Loaded suite /,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    if (!summary) return null;
    const failed = countOf(summary, 'failures') + countOf(summary, 'errors');
    const failures = blocksOf(
      lines,
      (line) => (FIRST.test(line) ? line : null),
      (line) =>
        SUMMARY.test(line) || /^(?:(?:bin\/)?rails test |rake test |Finished in |={20,}$|-{20,}$)/.test(line),
    ).flatMap((block) => failureOf(block.name, block.lines));
    return {
      passed: Math.max(
        0,
        countOf(summary, '(?:runs|tests)') - failed - countOf(summary, '(?:skips|pendings|omissions)'),
      ),
      failed,
      failures: failed === 0 ? [] : unique(failures),
      passedNames: lines.flatMap((line) => /^([\w:]+#test_\S+) = [\d.]+ s = \.$/.exec(line)?.[1] ?? []),
    };
  },
};

function failureOf(first: string, lines: readonly string[]): TestFailure[] {
  const unit = FIRST.exec(first)?.[1];
  if (unit) {
    const name = /^(\w+)\(([\w:]+)\)/.exec(unit);
    return [
      failureFrom(name ? `${name[2]}#${name[1]}` : unit, lines, {
        message: lines
          .filter((line) => !isStack(line) && !/^ {5}\d+: |^ {2}=> \d+: |^ +\d+: /.test(line))
          .join('\n'),
      }),
    ];
  }
  // `CartTest#test_half [test/cart_test.rb:9]:`, errors without a place.
  const title = /^\S/.test(lines[0] ?? '') && lines[0]!.endsWith(':') ? lines[0]!.slice(0, -1) : null;
  if (title === null) return [];
  const bracket = title.endsWith(']') ? title.lastIndexOf(' [') : -1;
  const place = bracket < 0 ? [] : [title.slice(bracket + 2, -1)];
  const own = lines.slice(1);
  const end = own.findIndex((line) => isStack(line) || (line === '' && own.indexOf(line) > 0));
  const message = own.slice(0, end < 0 ? 30 : end).join('\n');
  return [failureFrom(bracket < 0 ? title : title.slice(0, bracket), [...own, ...place], { message })];
}

function isStack(line: string): boolean {
  return /^\s*\S.*\.rb:\d{1,7}:in [`']/.test(line);
}
