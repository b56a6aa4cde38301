/** Maven's surefire and failsafe on the console, one module after the other. */
import { blocksOf, countAfter, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const COUNTS = /Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+/;

export const maven: RunParser = {
  runner: 'maven',
  marks:
    /^(?:\[(?:INFO|ERROR|WARNING)\] )?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+|<<< (?:FAILURE|ERROR)!$/,
  begins: /^\[INFO\] Scanning for projects\.\.\.$/,
  parse({ lines }) {
    // Each class has its counts with a time, each module its sum without.
    const counts = lines.filter((line) => COUNTS.test(line));
    const sums = counts.filter((line) => !line.includes('Time elapsed'));
    const reported = sums.length > 0 ? sums : counts;
    const sum = (word: string) => reported.reduce((n, line) => n + countAfter(line, word), 0);
    const failed = sum('Failures') + sum('Errors');
    return {
      passed: sum('Tests run') - failed - sum('Skipped'),
      failed,
      // What fails and passes when it is run again is counted as a flake.
      failures: failed === 0 ? [] : withoutFlakes(failures(lines), lines),
      passedNames: [],
    };
  },
};

function failures(lines: readonly string[]): TestFailure[] {
  let type = '';
  const blocks = blocksOf(
    lines,
    (line) => {
      type =
        /Running (\S+)$/.exec(line)?.[1] ??
        (line.includes('Time elapsed')
          ? /-- in (\S+)$|- in (\S+)$/.exec(line)?.slice(1).find(Boolean)
          : undefined) ??
        type;
      return nameOf(line, type);
    },
    (line) => line.trim() === '' || /^\[(?:INFO|ERROR|WARNING)\]/.test(line),
  );
  return unique(
    blocks.map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) })),
  );
}

/** `[ERROR] shop.CartTest.half(int)[2] -- Time elapsed: 0.003 s <<< FAILURE!`, older: `half(shop.CartTest)  Time elapsed: …`. */
function nameOf(line: string, type: string): string | null {
  const end = line.indexOf('Time elapsed: ');
  if (end < 0 || !/<<< (?:FAILURE|ERROR)!$/.test(line) || COUNTS.test(line)) return null;
  const name = line
    .slice(0, end)
    .replace(/^\[ERROR\] +/, '')
    .replace(/(?: --)? {1,20}$/, '');
  const older = /^([^\s(]+)\(([\w.$]+)\)$/.exec(name);
  if (older && older[2]!.includes('.')) return `${older[2]}.${older[1]}`;
  return name.startsWith(type) ? name : `${type}.${name}`;
}

/** The exception and its message, up to the first frame. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s+at /.test(line));
  return lines.slice(0, end < 0 ? 1 : Math.max(1, Math.min(end, 20))).join('\n');
}

function withoutFlakes(failures: TestFailure[], lines: readonly string[]): TestFailure[] {
  const from = lines.findIndex((line) => /^\[WARNING\] Flakes: *$/.test(line));
  if (from < 0) return failures;
  const flaky = lines.slice(from + 1).flatMap((line) => /^\[WARNING\] (\S+)$/.exec(line)?.[1] ?? []);
  return failures.filter((failure) => !flaky.includes(failure.name));
}
