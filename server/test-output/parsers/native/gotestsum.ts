/** gotestsum: go test's events in another layout, the failed tests told again at the end. */
import { blocksOf, countOf, failureFrom, unique } from '../../blocks';
import type { RunParser } from '../../report';

const DONE = /^DONE (?:\d+ runs?, )?\d+ tests?/;
const FAILED = /^=== FAIL: (\S+) (\S.*?)(?: \(re-run (\d+)\))? \([\d.]+s\)$/;

export const gotestsum: RunParser = {
  runner: 'gotestsum',
  marks: /^DONE (?:\d+ runs?, )?\d+ tests?|^=== FAIL: \S+ \S|^(?:PASS|FAIL|SKIP) \S+ \([\d.]+s\)$/,
  ends: /^DONE (?:\d+ runs?, )?\d+ tests?/,
  wraps: ['go test'],
  parse({ lines: all }) {
    const at = all.findLastIndex((line) => DONE.test(line));
    const before = all.slice(0, Math.max(0, at)).findLastIndex((line) => DONE.test(line));
    const lines = all.slice(before + 1);
    const done = all[at] ?? '';
    if (at < 0 && !lines.some((line) => FAILED.test(line))) return null;
    const failed = countOf(done, 'failures?');
    const errors = countOf(done, 'errors?');
    const blocks = blocksOf(
      lines,
      (line) => (FAILED.test(line) ? line : null),
      (line) => /^===? |^DONE /.test(line),
    ).map(({ name: line, lines: own }) => {
      const [, scope = '', name = '', run = '0'] = FAILED.exec(line)!;
      const message = own.map((one) => one.trim()).filter((one) => !/^(?:---|===) /.test(one));
      return {
        run: Number(run),
        failure: { ...failureFrom(name, own, { message: message.join('\n') }), scope },
      };
    });
    // A test is tried again until it passes: what failed in the last run failed.
    const last = Math.max(0, ...blocks.map((block) => block.run));
    const names = blocks.map((block) => block.failure.name);
    const failures = blocks
      .filter(({ run }) => run === last)
      .map(({ failure }) => failure)
      .filter(({ name }) => !names.some((other) => other.startsWith(`${name}/`)));
    const builds =
      errors > 0
        ? blocksOf(
            lines,
            (line) => (line === '=== Errors' ? line : null),
            (line) => /^===? |^DONE /.test(line),
          )
        : [];
    const reported =
      at >= 0 && failed + errors === 0
        ? []
        : unique([
            ...failures,
            ...builds.map(({ lines: own }) => failureFrom('build', own, { message: own.join('\n') })),
          ]);
    return {
      passed: at < 0 ? null : Math.max(0, countOf(done, 'tests?') - failed - countOf(done, 'skipped')),
      // It counts a test and each of its subtests.
      failed: reported.length || failed + errors,
      failures: reported,
      passedNames: lines.flatMap(
        // `PASS shop.TestTotal (0.00s)`
        (line) => /^PASS (\S+) \([\d.]+s\)$/.exec(line)?.[1]?.replace(/\.(?=[A-Z])/, ' ') ?? [],
      ),
    };
  },
};
