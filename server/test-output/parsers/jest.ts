/** jest's default and verbose reporters. */
import { blocksOf, countOf, failureFrom, listedNames, type Parser, unique } from '../report';

export const jest: Parser = ({ lines }) => {
  const summary = lines.findLast((line) => /^Tests: +.*\d+ total/.test(line));
  const began = lines.some((line) => /^(?:PASS|FAIL) \S+\.[cm]?[jt]sx?(?: \(|$)/.test(line));
  if (!summary && !(began && lines.some((line) => line.startsWith('  ● ')))) {
    return null;
  }
  let file = '';
  const blocks = blocksOf(
    lines,
    (line) => {
      file = /^(?:FAIL) (\S+)/.exec(line)?.[1] ?? file;
      const name = /^ {2}● (?!Console$)(.*)$/.exec(line)?.[1];
      return name === undefined ? null : /^Test suite failed to run/.test(name) ? file : name;
    },
    (line) => /^(?:PASS|FAIL|Test Suites:|Summary of all| {2}● Console)/.test(line),
  );
  const failures = unique(
    blocks.map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) })),
  );
  return {
    runner: 'jest',
    passed: summary ? countOf(summary, 'passed') : null,
    failed: summary ? Math.max(countOf(summary, 'failed'), failures.length) : failures.length,
    failures,
    passedNames: listedNames(lines, /^\s+[✓√] (.*?)(?: \(\d+ ?m?s\))?$/, ' › ', (line) =>
      /^ {2,}[^\s●✓✕√×○>|]/.test(line),
    ),
  };
};

/** Without the code frame, which begins with a numbered line. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s+(?:>\s*)?\d+ \|/.test(line) || /^\s+at /.test(line));
  return lines
    .slice(0, end < 0 ? 20 : end)
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
