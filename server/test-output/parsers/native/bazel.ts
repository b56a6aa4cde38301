/** Bazel: targets as tests; what the runner in a target printed is read as its own where it is shown. */
import { blocksOf, countOf, failureFrom } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const TARGET = /^(\/\/\S+|@\S+) +(?:\(cached\) )?(PASSED|FAILED|TIMEOUT|FLAKY|NO STATUS|FAILED TO BUILD)\b/;
const SUMMARY = /^Executed \d+ out of \d+ tests?: /;

export const bazel: RunParser = {
  runner: 'bazel test',
  marks:
    /^={5,} Test output for |^(?:\/\/\S+|@\S+) +(?:\(cached\) )?(?:PASSED|FAILED|TIMEOUT|FLAKY|NO STATUS)\b|^Executed \d+ out of \d+ tests?: /,
  begins: /^INFO: Analyzed (?:\d+ targets?|target)\b/,
  ends: /^Executed \d+ out of \d+ tests?: /,
  wraps: [
    'googletest',
    'catch2',
    'go test',
    'pytest',
    'unittest',
    'cargo test',
    'jest',
    'mocha',
    'vitest',
    'tap',
    'minitest',
    'rspec',
  ],
  parse({ lines }, inner) {
    const targets = new Map(
      lines.flatMap((line) => {
        const match = TARGET.exec(line);
        return match ? [[match[1]!, match[2]!] as const] : [];
      }),
    );
    const summary = lines.findLast((line) => SUMMARY.test(line));
    if (targets.size === 0 && !summary) return null;
    const bad = [...targets].filter(([, status]) => /FAILED|TIMEOUT/.test(status)).map(([name]) => name);
    const logs = blocksOf(
      lines,
      (line) => /^=+ Test output for (\S+?):?(?: \(.*\))?:?$/.exec(line)?.[1] ?? null,
      (line) => /^={40,}$/.test(line) || TARGET.test(line) || /^INFO: /.test(line),
    );
    const failures = bad.flatMap((name): TestFailure[] => {
      const own = logs.find((log) => log.name === name)?.lines ?? [];
      const reported = inner(own).flatMap((report) => report.failures);
      if (reported.length > 0) return reported.map((failure) => ({ ...failure, scope: name }));
      const status = lines.find((line) => line.startsWith(name) && TARGET.test(line)) ?? '';
      return [
        failureFrom(name, own.length > 0 ? own : [status], {
          message: own.length > 0 ? undefined : status.replace(/ {2,}/g, ' '),
        }),
      ];
    });
    const passed = [...targets].filter(([, status]) => /PASSED|FLAKY/.test(status)).map(([name]) => name);
    return {
      passed: passed.length || (summary ? countOf(summary, 'tests? pass(?:es)?') : null),
      failed: Math.max(failures.length, countOf(summary ?? '', 'fails?')),
      failures,
      passedNames: passed,
    };
  },
};
