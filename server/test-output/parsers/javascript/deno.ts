/** deno test: what failed is told again below " ERRORS ". */
import { blocksOf, countOf, failureFrom, isFrameLine, unique, withoutTime } from '../../blocks';
import type { RunParser } from '../../report';

const SUMMARY = /^(?:ok|FAILED) \| \d+ passed/;

export const deno: RunParser = {
  runner: 'deno test',
  marks: /^(?:ok|FAILED) \| \d+ passed|^running \d+ tests? from /,
  begins: /^Check file:|^Watcher (?:Process started|File change detected)/,
  parse({ lines }) {
    const at = lines.findLastIndex((line) => SUMMARY.test(line));
    const before = lines.slice(0, Math.max(0, at)).findLastIndex((line) => SUMMARY.test(line));
    const own = lines.slice(before + 1, at < 0 ? undefined : at);
    const summary = lines[at] ?? '';
    const from = own.findIndex((line) => /^ ERRORS\b/.test(line));
    const to = own.findIndex((line) => /^ FAILURES\b/.test(line));
    const failures = blocksOf(
      from < 0 ? [] : own.slice(from + 1, to < 0 ? undefined : to),
      (line) =>
        (line.includes(' => ') && /^\S/.test(line) && /:\d+:\d+$/.test(line)) ||
        / \(uncaught error\)$/.test(line)
          ? line
          : null,
      () => false,
    ).map(({ name, lines: reported }) => {
      const [title = '', place = ''] = name.split(' => ');
      const uncaught = title.endsWith(' (uncaught error)');
      const file = (uncaught ? title.slice(0, -17) : place.replace(/:\d+:\d+$/, '')).replace(/^\.\//, '');
      return failureFrom(uncaught ? file : title, reported, { message: message(reported), file });
    });
    return {
      passed: at < 0 ? null : countOf(summary, 'passed'),
      failed: Math.max(countOf(summary, 'failed'), failures.length, summary.startsWith('FAILED') ? 1 : 0),
      failures: unique(failures),
      passedNames: own.flatMap((line) => withoutTime(/^(\S.*) \.\.\. ok(?: |$)/.exec(line)?.[1] ?? '') || []),
    };
  },
};

/** Up to the stack, without the line of code that a caret points at. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => isFrameLine(line.trim()));
  const own = lines.slice(0, end < 0 ? 30 : end);
  const caret = (i: number) => /^\s*\^+$/.test(own[i] ?? '');
  return own
    .filter((line, i) => line.trim() !== '' && !caret(i) && !caret(i + 1))
    .map((line) => line.replace(/^error: /, ''))
    .join('\n');
}
