/** ExUnit, Elixir's own. */
import { blocksOf, countOf, dedent, failureFrom } from '../../blocks';
import type { RunParser } from '../../report';

const SUMMARY = /^(?:\d+ (?:doctests?|properties|property|features?), )*\d+ tests?, \d+ failures?/;
const FIRST = /^ {1,3}\d+\) ((?:test|property|doctest|feature) .*)/;

export const exunit: RunParser = {
  runner: 'mix test',
  marks:
    /^ {1,3}\d+\) (?:test|property|doctest|feature) .* \([\w.]+\)$|^Finished in [\d.]+ seconds \([\d.]+s async, |^Running ExUnit with seed: /,
  begins: /^Running ExUnit with seed: /,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    const failures = blocksOf(
      lines,
      (line) => FIRST.exec(line)?.[1] ?? null,
      (line) => /^Finished in |^\.*$/.test(line) && !/^$/.test(line),
    ).map(({ name, lines: own }) => {
      // The first line is where the test stands; the stack names where it failed.
      const stack = own.findIndex((line) => /^ {5}stacktrace:/.test(line));
      const failure = failureFrom(name, stack < 0 ? own : own.slice(1), { message: message(own.slice(1)) });
      return { ...failure, file: /^ {5}(\S+\.exs?):\d+$/.exec(own[0] ?? '')?.[1] };
    });
    const failed = countOf(summary ?? '', 'failures?');
    const ran = [
      ...(summary ?? '').matchAll(/(?<!\d)(\d{1,9}) (?:doctests?|properties|property|features?|tests?)\b/g),
    ];
    const left = ['excluded', 'skipped', 'invalid'].reduce(
      (sum, word) => sum + countOf(summary ?? '', word),
      0,
    );
    return {
      passed: summary
        ? Math.max(0, ran.reduce((sum, match) => sum + Number(match[1]), 0) - failed - left)
        : null,
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: [],
    };
  },
};

function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^ {5}(?:stacktrace|The following output was logged):/.test(line));
  return dedent(lines.slice(0, end < 0 ? 30 : end));
}
