/** RSpec's progress and documentation formatters. */
import { blocksOf, failureFrom, type Parser } from '../report';

export const rspec: Parser = ({ lines }) => {
  const summary = lines.findLast((line) => /^\d+ examples?, \d+ failures?/.test(line));
  if (!summary) {
    return null;
  }
  const [examples, failed] = summary.match(/\d+/g)!.map(Number) as [number, number];
  const pending = Number(/(\d+) pending/.exec(summary)?.[1] ?? 0);
  const errors = Number(/(\d+) errors? occurred/.exec(summary)?.[1] ?? 0);
  const from = lines.findIndex((line) => /^Failures:$/.test(line));
  const failures = blocksOf(
    from < 0 ? [] : lines.slice(from + 1),
    (line) => /^ {2}\d+\) (.*)$/.exec(line)?.[1] ?? null,
    (line) => /^(?:Finished in|Failed examples:|Pending:)/.test(line),
  ).map((block) => failureFrom(block.name, block.lines));
  return {
    runner: 'rspec',
    passed: examples - failed - pending,
    failed: failed + errors,
    failures,
    passedNames: [],
  };
};
