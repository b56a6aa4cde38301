/** Pest, and `artisan test`, which prints the same. */
import { blocksOf, countOf, dedent, failureFrom, withoutTime } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const SUMMARY = /^ {2}Tests: {2,4}\d+ (?:failed|passed|skipped|risky|todos?)/;

export const pest: RunParser = {
  runner: 'pest',
  marks: /^ {2}Tests: {2,4}\d+ (?:failed|passed|skipped|risky|todos?)|^ {3}FAILED {2}\S/,
  parse({ lines }) {
    const summary = lines.findLast((line) => SUMMARY.test(line));
    const failures = blocksOf(
      lines,
      (line) => /^(?: {3}FAILED {2}| {2}• )(\S.*)/.exec(line)?.[1] ?? null,
      (line) => SUMMARY.test(line) || /^ {2}─{20,}$/.test(line),
    ).map((block) => failureOf(block.name, block.lines));
    const failed = countOf(summary ?? '', 'failed');
    return {
      passed: summary ? countOf(summary, 'passed') : null,
      failed: Math.max(failed, failures.length),
      failures,
      passedNames: passedNames(lines),
    };
  },
};

/** The exception's class stands at the end of the title's line, far to the right. */
function failureOf(title: string, lines: readonly string[]): TestFailure {
  const [name = title, type] = title.trim().split(/ {2,}/);
  const code = lines.filter((line) => !/^ +(?:➜ *)?\d+▕/.test(line));
  const end = code.findIndex((line) => /^ {2}at \S/.test(line));
  const text = dedent(code.slice(0, end < 0 ? 30 : end));
  return failureFrom(name, code, { message: type && !text.includes(type) ? `${type}: ${text}` : text });
}

function passedNames(lines: readonly string[]): string[] {
  let group = '';
  return lines.flatMap((line) => {
    group = /^ {3}(?:PASS|FAIL|WARN) {2}(\S.*)/.exec(line)?.[1]?.trim() ?? group;
    const name = /^ {2}✓ (\S.*)/.exec(line)?.[1];
    return name === undefined
      ? []
      : [`${group} > ${withoutTime(name.replace(/ {2,80}[\d.]{1,10}s {0,4}$/, '')).trim()}`];
  });
}
