/** RSpec's progress and documentation formatters. */
import { blocksOf, countOf, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const SUMMARY = /^\d+ examples?, \d+ failures?/;
const END = /^(?:Finished in|Failed examples:|Pending:|Top \d+ slowest|Coverage report)/;

export const rspec: RunParser = {
  runner: 'rspec',
  marks: SUMMARY,
  parse({ lines: all }) {
    const at = all.findLastIndex((line) => SUMMARY.test(line));
    if (at < 0) return null;
    const before = all.slice(0, at).findLastIndex((line) => SUMMARY.test(line));
    const lines = all.slice(before + 1);
    const summary = all[at]!;
    const failed = countOf(summary, 'failures?');
    const errors = countOf(summary, 'errors? occurred');
    const from = lines.indexOf('Failures:');
    const failures = blocksOf(
      from < 0 ? [] : lines.slice(from + 1),
      (line) => /^ {2}\d+\) (.*)/.exec(line)?.[1] ?? null,
      (line) => END.test(line),
    ).map((block) => failureFrom(block.name, block.lines));
    return {
      passed: countOf(summary, 'examples?') - failed - countOf(summary, 'pending'),
      failed: failed + errors,
      failures: [...loadErrors(lines), ...failures],
      passedNames: [],
    };
  },
};

/** Files that could not be loaded: errors outside of examples. */
function loadErrors(lines: readonly string[]): TestFailure[] {
  return unique(
    blocksOf(
      lines,
      (line) => /^An error occurred (?:while loading|in an?) (.*?)\.?$/.exec(line)?.[1] ?? null,
      (line) => END.test(line) || /^(?:Run options:|\d+ examples?,)/.test(line),
    ).map(({ name, lines: own }) => {
      // Newer versions ask whether a file of a like name was meant.
      const file = name.replace(/^(?:\.\/)+/, '').replace(/\. - Did you mean\?.*/, '');
      const reported = own.filter((line) => !/^rspec \.\//.test(line));
      return failureFrom(file, reported, { file: /\.rb$/.test(file) ? file : undefined });
    }),
  );
}
