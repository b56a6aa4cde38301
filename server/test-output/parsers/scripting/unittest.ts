/** Python's unittest. */
import { blocksOf, countAfter, failureFrom } from '../../blocks';
import type { RunParser } from '../../report';

const RAN = /^Ran \d+ tests? in /;

export const unittest: RunParser = {
  runner: 'unittest',
  marks: /^Ran \d+ tests? in |^(?:ERROR|FAIL): \w+ \(/,
  parse({ lines: all }) {
    const at = all.findLastIndex((line) => RAN.test(line));
    const before = all.slice(0, Math.max(0, at)).findLastIndex((line) => RAN.test(line));
    const lines = all.slice(before + 1);
    const failures = blocksOf(
      lines,
      (line) => /^(?:ERROR|FAIL): (.*)/.exec(line)?.[1] ?? null,
      (line) => /^={20,}$/.test(line) || RAN.test(line),
    ).map(({ name, lines: own }) =>
      failureFrom(
        nameOf(name),
        own.filter((line) => !/^-{20,}$/.test(line)),
        { message: message(own), innermostLast: true },
      ),
    );
    const result = lines.findLast((line) => /^(?:OK|FAILED)\b/.test(line)) ?? '';
    const failed = countAfter(result, 'failures') + countAfter(result, 'errors');
    const ran = Number(/\d+/.exec(all[at] ?? '')?.[0] ?? 0);
    return {
      passed: at < 0 ? null : Math.max(0, ran - failed - countAfter(result, 'skipped')),
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: lines.flatMap((line) => {
        const name = line.endsWith(' ... ok') ? /^(\w+ \([\w.]+\))/.exec(line)?.[1] : undefined;
        return name ? [nameOf(name)] : [];
      }),
    };
  },
};

/** `test_a (pkg.Case.test_a)` (3.11 and later) and `test_a (pkg.Case)` are the same test. */
function nameOf(printed: string): string {
  const match = /^(\w+) \(([\w.]+)\)(.*)/.exec(printed);
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
