/** bun test: an error is printed above the test it belongs to. */
import { failureFrom, isFrameLine, unique, withoutTime } from '../../blocks';
import { type RunParser, type TestFailure, testId } from '../../report';

const RESULT = /^(?:\((pass|fail|skip|todo)\)|(✓|✗|»|✎)) (.*)/;
const FILE = /^(?:::group::)?(\S.*\.[cm]?[jt]sx?):$/;

export const bun: RunParser = {
  runner: 'bun test',
  marks: /^bun test v\d|^Ran \d+ tests? across \d+ files?\.|^ *\d+ fail$/,
  begins: /^bun test v\d/,
  parse({ lines }) {
    const count = (word: string) =>
      lines.flatMap((line) => new RegExp(`^ *(\\d+) ${word}$`).exec(line)?.[1] ?? []).pop();
    const ran = lines.some((line) => /^Ran \d+ tests? across /.test(line));
    if (!ran && !lines.some((line) => RESULT.test(line))) return null;
    const { failures, passedNames } = results(lines);
    const failed = Number(count('fail') ?? 0) + Number(count('errors?') ?? 0);
    return {
      passed: count('pass') === undefined ? null : Number(count('pass')),
      failed: Math.max(failed, failures.length),
      failures: unique(failures),
      passedNames,
      ...(ran ? {} : { verdict: 'unknown' as const }),
    };
  },
};

function results(lines: readonly string[]): { failures: TestFailure[]; passedNames: string[] } {
  const failures: TestFailure[] = [];
  const passedNames: string[] = [];
  let file: string | undefined;
  let said: string[] = [];
  for (const line of lines) {
    const result = RESULT.exec(line);
    const opens = FILE.exec(line)?.[1];
    if (opens || /^ *\d+ (?:pass|fail|tests? failed:)$|^\d+ tests? failed:$/.test(line)) {
      if (opens) file = opens;
      said = [];
    } else if (/^# Unhandled error between tests/.test(line)) {
      said = [];
    } else if (/^-{20,}$/.test(line) && said.length > 1) {
      failures.push(failureFrom('Unhandled error between tests', said, { message: message(said), file }));
      said = [];
    } else if (result) {
      const name = withoutTime(result[3]!);
      if (result[1] === 'fail' || result[2] === '✗')
        failures.push(failureFrom(name, said, { message: message(said), file }));
      if (result[1] === 'pass' || result[2] === '✓') passedNames.push(testId({ name, file }));
      said = [];
    } else said.push(line);
  }
  return { failures, passedNames };
}

/** From the error's own line, which stands below the code, to the stack. */
function message(lines: readonly string[]): string {
  const from = lines.findIndex((line) =>
    /^(?:error|[\w.]{0,80}(?:Error|Exception))\b[^:]{0,200}: |^error$/.test(line),
  );
  const own = lines.slice(Math.max(0, from));
  const end = own.findIndex((line) => isFrameLine(line.trim()));
  return own.slice(0, end < 0 ? 30 : end).join('\n');
}
