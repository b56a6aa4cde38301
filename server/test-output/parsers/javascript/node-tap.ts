/** node-tap's own reporters for terminals; elsewhere it prints TAP. */
import { dedent, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const ASSERTS = /^Asserts: +(?:(\d+) pass)?(?: +(\d+) fail)?/;
const FILE = /^ (?:FAIL|PASS|SKIP|TODO) {2}(\S+)(?: |$)/;
/** Values, their difference and the error's kind, below the code. */
const VALUE = /^ {2}(?:---|\+\+\+|@@|[-+]|(?:type|error|message|expected|actual|wanted|found): )/;

export const nodeTap: RunParser = {
  runner: 'tap',
  marks: /^Asserts: +\d+ (?:pass|fail)\b|^# \{ total: \d+/,
  parse({ lines }) {
    const asserts = ASSERTS.exec(lines.findLast((line) => ASSERTS.test(line)) ?? '');
    if (!asserts) return null;
    const failures = failedTests(lines);
    const complete = lines.some((line) => /^# time=/.test(line));
    return {
      passed: Number(asserts[1] ?? 0),
      failed: Math.max(Number(asserts[2] ?? 0), failures.length),
      failures,
      passedNames: [],
      // While files are still running it counts what has ended so far.
      ...(complete || failures.length > 0 ? {} : { verdict: 'unknown' as const }),
    };
  },
};

/** `✖ takes half > should be equal`: told twice, in short while the files run, with values and stack at the end. */
function failedTests(lines: readonly string[]): TestFailure[] {
  const found = new Map<string, { file: string; lines: string[] }>();
  let file = '';
  let open: string[] | null = null;
  for (const line of lines) {
    const name = /^✖ (.*)/.exec(line)?.[1];
    const opens = FILE.exec(line)?.[1];
    if (opens !== undefined) {
      file = opens;
      open = null;
    } else if (name !== undefined) {
      open = [];
      found.set(name, { file, lines: open });
    } else if (ASSERTS.test(line)) open = null;
    else open?.push(line);
  }
  return unique([...found].map(([name, one]) => toFailure(name, one.file, one.lines)));
}

function toFailure(name: string, file: string, lines: readonly string[]): TestFailure {
  const values = lines.filter((line) => VALUE.test(line)).map((line) => line.trimEnd());
  const message = [name.slice(name.lastIndexOf(' > ') + 1).replace(/^> /, ''), dedent(values)];
  const isStack = (line: string) => /^ {2}\S.*:\d+:\d+\)?$/.test(line);
  const stack = lines.filter(isStack).map((line) => `  at ${line.trim()}`);
  return failureFrom(name, [...lines.filter((line) => !isStack(line)), ...stack], {
    message: message.filter(Boolean).join('\n'),
    file,
  });
}
