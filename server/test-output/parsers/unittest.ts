/** Python's unittest. */
import { blocksOf, failureFrom, type Parser } from '../report';

export const unittest: Parser = ({ lines }) => {
  const ran = lines.findLast((line) => /^Ran \d+ tests? in /.test(line));
  if (!ran) {
    return null;
  }
  const failures = blocksOf(
    lines,
    (line) => /^(?:ERROR|FAIL): (.*)$/.exec(line)?.[1] ?? null,
    (line) => /^={20,}$|^Ran \d+ tests? in /.test(line),
  ).map(({ name, lines: own }) =>
    failureFrom(
      nameOf(name),
      own.filter((line) => !/^-{20,}$/.test(line)),
      { message: message(own), innermostLast: true },
    ),
  );
  const result = lines.findLast((line) => /^(?:OK|FAILED)\b/.test(line)) ?? '';
  const failed = ['failures', 'errors'].reduce(
    (sum, key) => sum + Number(new RegExp(`${key}=(\\d+)`).exec(result)?.[1] ?? 0),
    0,
  );
  const skipped = Number(/skipped=(\d+)/.exec(result)?.[1] ?? 0);
  return {
    runner: 'unittest',
    passed: Math.max(0, Number(/\d+/.exec(ran)![0]) - failed - skipped),
    failed,
    failures,
    passedNames: lines.flatMap((line) => {
      const name = /^(\w+ \([\w.]+\))(?:.*)? \.\.\. ok$/.exec(line)?.[1];
      return name ? [nameOf(name)] : [];
    }),
  };
};

/** `test_a (pkg.Case.test_a)` (3.11 and later) and `test_a (pkg.Case)` are the same test. */
function nameOf(printed: string): string {
  const match = /^(\w+) \(([\w.]+)\)(.*)$/.exec(printed);
  return match
    ? `${match[2]!.endsWith(`.${match[1]}`) ? match[2] : `${match[2]}.${match[1]}`}${match[3]}`
    : printed;
}

/** From the exception's line, the last one that is not indented after a traceback. */
function message(lines: readonly string[]): string {
  const last = lines.findLastIndex((line) => /^ {2,}File "/.test(line));
  const from = lines.findIndex((line, i) => i > last && /^\S/.test(line));
  return lines
    .slice(Math.max(0, from))
    .filter((line) => !/^-{20,}$/.test(line))
    .join('\n');
}
