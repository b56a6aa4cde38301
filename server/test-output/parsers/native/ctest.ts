/** CTest: programs as tests; what GoogleTest or Catch2 printed in one of them is read as theirs. */
import { countOf, failureFrom } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const SUMMARY = /^\d+% tests passed, \d+ tests? failed out of \d+/;
/** `1/2 Test #1: cart_test ........***Failed    0.01 sec` */
const RESULT =
  /^ {0,6}\d{1,6}\/\d{1,6} Test {1,6}#\d{1,6}: (\S{1,200}) \.{1,200} {0,6}(Passed|\*{3}\S[\w: ]{0,30}?) {1,20}[\d.]{1,12} sec/;

export const ctest: RunParser = {
  runner: 'ctest',
  marks: /^\d+% tests passed, \d+ tests? failed out of \d+|^ *\d+\/\d+ Test +#\d+: /,
  begins: /^Test project /,
  ends: /^\d+% tests passed, /,
  parse({ lines }, inner) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    const results = lines.flatMap((line, at) => {
      const match = RESULT.exec(line);
      return match ? [{ name: match[1]!, passed: match[2] === 'Passed', at }] : [];
    });
    if (!summary && results.length === 0) return null;
    const failed = summary ? countOf(summary, 'tests? failed') : results.filter((one) => !one.passed).length;
    const failures = results.flatMap(({ name, passed, at }, i): TestFailure[] => {
      if (passed) return [];
      const isCut = !summary && i === results.length - 1;
      // With --output-on-failure it stands below the result, with -V above.
      const below = lines.slice(at + 1, results[i + 1]?.at).filter((line) => !SUMMARY.test(line));
      const above = lines.slice((results[i - 1]?.at ?? -1) + 1, at).map((line) => line.replace(/^\d+: /, ''));
      const own = [below, above].find((some) => inner(some).length > 0) ?? below;
      const reported = inner(own).flatMap((report) => report.failures);
      if (reported.length === 0 && isCut) return [];
      return reported.length > 0
        ? reported.map((one) => ({ ...one, scope: name }))
        : [
            failureFrom(name, own, {
              message: lines[at]!.slice(lines[at]!.lastIndexOf('***') + 3).replace(
                / {1,20}[\d.]{1,12} sec$/,
                '',
              ),
            }),
          ];
    });
    return {
      passed: summary ? Number(/out of (\d+)/.exec(summary)![1]) - failed : null,
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: results.filter((one) => one.passed).map((one) => one.name),
    };
  },
  wraps: ['googletest', 'catch2'],
};
