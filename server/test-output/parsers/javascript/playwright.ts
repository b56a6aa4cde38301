/** Playwright's list, line and dot reporters. A test that passes when it is tried again is flaky, no failure. */
import { blocksOf, countOf, dedent, failureFrom, isFrameLine, unique } from '../../blocks';
import { type RunParser, type TestFailure, testId } from '../../report';

const COUNT =
  /^ {2}\d+ (?:failed|flaky|passed|skipped|did not run|interrupted|timed out|errors? (?:was|were) not)\b/;
const RETRY = /^ {4}Retry #\d+ /;
const BLOCK = /^ {2}\d+\) (.*)/;

export const playwright: RunParser = {
  runner: 'playwright',
  marks: /^Running \d+ tests? using \d+ workers?|^ {2}\d+\) (?:\[[^\]]+\] › )?\S.*:\d+:\d+ › /,
  begins: /^Running \d+ tests? using \d+ workers?/,
  parse({ lines }) {
    const count = (words: string) =>
      lines.filter((line) => COUNT.test(line)).reduce((sum, line) => sum + countOf(line, words), 0);
    const flaky = new Set(listed(lines, /^ {2}\d+ flaky\b/));
    const named = new Set(listed(lines, /^ {2}\d+ (?:failed|interrupted|timed out)\b/));
    const blocks = blocksOf(
      lines,
      (line) => BLOCK.exec(line)?.[1] ?? null,
      (line) =>
        COUNT.test(line) || /^ {2}(?:Slow test file|Serving HTML report|To open last HTML report)/.test(line),
    );
    const summed = lines.some((line) => /^ {2}\d+ (?:passed|failed|flaky|skipped)\b/.test(line));
    // Where it does not say yet which are flaky: where others were tried again, one that was not is flaky.
    const retried = named.size === 0 && blocks.some((block) => block.lines.some((line) => RETRY.test(line)));
    const failures = unique(
      blocks
        .filter((block) => !retried || block.lines.some((line) => RETRY.test(line)))
        .map((block) => failureOf(block.name, firstTry(block.lines)))
        .filter((one) => !flaky.has(testId(one)) && (named.size === 0 || named.has(testId(one)))),
    );
    const failed = count('(?:failed|interrupted|timed out)') + count('errors? (?:was|were) not');
    return {
      passed: summed ? count('(?:passed|flaky)') : null,
      failed: Math.max(failed, summed ? 0 : failures.length),
      failures: summed && failed === 0 ? [] : [...failures, ...outside(lines)],
      passedNames: lines.flatMap((line) => {
        const title = /^ {2}(?:✓|ok) {1,3}\d+ (.*?)(?: \([\d.]+m?s\))?$/.exec(line)?.[1];
        return title === undefined ? [] : [testId(titleOf(title))];
      }),
    };
  },
};

/** Titles below a count. */
function listed(lines: readonly string[], count: RegExp): string[] {
  const from = lines.findLastIndex((line) => count.test(line));
  if (from < 0) return [];
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => !/^ {4}\S/.test(line));
  return rest.slice(0, end < 0 ? rest.length : end).map((line) => testId(titleOf(line.trim())));
}

/** `[chromium] › tests/cart.spec.ts:9:7 › cart › half price ───`: the browser is no part of the name. */
function titleOf(title: string): { name: string; file?: string } {
  const parts = title
    .replace(/ [─-]{3,}$/, '')
    .replace(/ \(retry #\d+\)$/, '')
    .split(' › ');
  if (/^\[[^\]]+\]$/.test(parts[0]!)) parts.shift();
  const file = /^(.*):\d+:\d+$/.exec(parts[0] ?? '')?.[1];
  if (file !== undefined) parts.shift();
  return { name: parts.join(' › ').trim(), ...(file ? { file } : {}) };
}

function firstTry(lines: readonly string[]): readonly string[] {
  const retry = lines.findIndex((line) => RETRY.test(line));
  return retry < 0 ? lines : lines.slice(0, retry);
}

/** The error without the code around it and without what is attached. */
function failureOf(title: string, lines: readonly string[]): TestFailure {
  const attached = lines.findIndex((line) => /^ {4}(?:attachment #\d+|Error Context:)/.test(line));
  const own = (attached < 0 ? lines : lines.slice(0, attached)).filter(
    (line) => !/^\s*(?:>\s*)?(?:\d+)? \|(?: |$)/.test(line) && !/^\s*\|\s*\^/.test(line),
  );
  const { name, file } = titleOf(title);
  const end = own.findIndex((line) => isFrameLine(line.trim()));
  return failureFrom(name, own, { message: dedent(own.slice(0, end < 0 ? 30 : end)), file });
}

/** Errors that are part of no test: a file that does not load, a setup that throws. */
function outside(lines: readonly string[]): TestFailure[] {
  if (!lines.some((line) => /^ {2}\d+ errors? (?:was|were) not a part of any test/.test(line))) return [];
  const from = lines.findIndex((line) => /^(?:\w*Error: |\S.*Error: )/.test(line));
  const end = lines.findIndex((line, i) => i > from && COUNT.test(line));
  const own = from < 0 ? [] : lines.slice(from, end < 0 ? undefined : end);
  const failure = failureFrom('', own);
  return from < 0
    ? []
    : [{ ...failure, name: failure.frames[0]?.file ?? own[0]!, file: failure.frames[0]?.file }];
}
