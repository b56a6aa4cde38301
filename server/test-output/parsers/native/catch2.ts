/** Catch2's console reporter, and doctest's, which follows it. */
import { countOf, failureFrom } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const CASES = /^(?:\[doctest\] )?test cases: +\d+ \|/;
const GREEN = /^All tests passed \(\d+ assertions? in \d+ test cases?\)/;
const FAILED = /^\S.*(?::\d+|\(\d+\)): (?:FAILED|ERROR|FATAL ERROR):/;

export const catch2: RunParser = {
  runner: 'catch2',
  marks: /^(?:\[doctest\] )?test cases: +\d+ \||^All tests passed \(\d+ assertions? in \d+ test cases?\)/,
  begins: /^Randomness seeded to: \d+|^\[doctest\] doctest version is /,
  parse({ lines }) {
    const cases = lines.findLast((line) => CASES.test(line));
    const green = lines.findLast((line) => GREEN.test(line));
    return {
      passed: green ? countOf(green, 'test cases?') : cases ? countOf(cases, 'passed') : null,
      failed: cases ? countOf(cases, 'failed') : 0,
      failures: cases && countOf(cases, 'failed') > 0 ? failures(lines) : [],
      passedNames: [],
    };
  },
};

/** One for each test case that failed: the title stands between rulers, its sections indented; doctest says TEST CASE. */
function failures(lines: readonly string[]): TestFailure[] {
  const byName = new Map<string, string[]>();
  let name = '';
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (/^-{60,}$/.test(line)) {
      const rest = lines.slice(i + 1, i + 12);
      const end = rest.findIndex((one) => /^-{60,}$/.test(one));
      if (end > 0) {
        name = rest
          .slice(0, end)
          .map((one) => one.trim())
          .join(' > ');
        i += end + 1;
      }
    } else if (/^TEST CASE: {1,2}/.test(line)) {
      name = line.replace(/^TEST CASE: {1,2}/, '').trim();
    } else if (FAILED.test(line)) {
      const rest = lines.slice(i + 1, i + 41);
      const end = rest.findIndex(
        (one, at) =>
          /^(?:[-=.]{60,}|(?:\[doctest\] )?test cases:)/.test(one) ||
          FAILED.test(one) ||
          (at > 0 && one === '' && rest[at + 1] === ''),
      );
      const own = [line, ...rest.slice(0, end < 0 ? rest.length : end)];
      byName.set(name, [...(byName.get(name) ?? []), ...own]);
    }
  }
  return [...byName].map(([title, own]) => {
    const message = own.map((line) =>
      line.replace(/^\S.*(?::\d+|\(\d+\)): (?=FAILED|ERROR|FATAL)/, '').trim(),
    );
    return failureFrom(title, own, { message: message.filter(Boolean).join('\n') });
  });
}
