/** node:test files that could not even be loaded: what Node printed of it stands before the results, without the test's name. */
import { failureFrom } from '../../blocks';
import type { TestFailure } from '../../report';

const FAILED = /^'?test failed'?$/;
const START = /^(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/]).*:\d+$/;
const END = /^Node\.js v\d/;
/** Lines of one crash, at most. */
const LONGEST = 60;

/** The failures, those that say nothing but "test failed" with what was printed of them, in the order both came. */
export function withCrashes(
  failures: readonly TestFailure[],
  lines: readonly string[],
): readonly TestFailure[] {
  if (!failures.some((failure) => FAILED.test(failure.message))) {
    return failures;
  }
  const printed = crashes(lines.map((line) => line.replace(/^# ?/, '')));
  return failures.map((failure) => {
    const crash = FAILED.test(failure.message) ? printed.shift() : undefined;
    const error = crash?.find((line) => /^\w*(?:Error|Exception)\b/.test(line));
    return crash ? failureFrom(failure.name, crash, { message: error ?? crash[0]! }) : failure;
  });
}

function crashes(lines: readonly string[]): string[][] {
  const found: string[][] = [];
  for (let i = 0; i < lines.length; i++) {
    if (START.test(lines[i]!)) {
      const length = lines.slice(i, i + LONGEST).findIndex((line) => END.test(line));
      if (length > 0) {
        found.push(lines.slice(i, i + length));
        i += length;
      }
    }
  }
  return found;
}
