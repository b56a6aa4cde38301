/** jest's default and verbose reporters, with several projects and in watch mode. */
import { blocksOf, countOf, failureFrom, listedNames, unique, withoutTime } from '../../blocks';
import { type RunParser, testId } from '../../report';

const FILE = /^ ?(?:PASS|FAIL) {1,3}(?=\S)/;
/** What ends the story of a failed test. */
const END =
  /^ ?(?:PASS|FAIL|RUNS) |^(?:Test Suites|Tests|Snapshots|Snapshot Summary|Watch Usage|Summary of all)\b| › \d+ snapshots? |^ {2}● Console$|^-{5,}\||^ {2}console\.\w+$/;

export const jest: RunParser = {
  runner: 'jest',
  marks: /^Tests: {1,8}.*\d total|^ ?(?:PASS|FAIL) {1,3}\S.*\.[cm]?[jt]sx?(?: \(|$)/,
  begins: /^Determining test suites to run/,
  ends: /^Ran all test suites/,
  parse({ lines }) {
    const summary = lines.findLast((line) => /^Tests: {1,8}.*\d total/.test(line));
    const suites = lines.findLast((line) => /^Test Suites: {1,8}.*\d total/.test(line)) ?? '';
    if (!summary && !lines.some((line) => line.startsWith('  ● ') || /^\s+[✓✕√×] /.test(line))) return null;
    let file = '';
    const blocks = blocksOf(
      lines,
      (line) => {
        file = fileOf(line) ?? file;
        const name = /^ {2}● (?!Console$)(.*)/.exec(line)?.[1];
        return name === undefined ? null : `${file}\n${name}`;
      },
      (line) => END.test(line),
    );
    const failures = unique(
      blocks.map((block) => {
        const [of = '', name = ''] = block.name.split('\n');
        const suite = /^Test suite failed to run/.test(name);
        return failureFrom(suite && of ? of : name, block.lines, { message: message(block.lines), file: of });
      }),
    );
    const counted = countOf(summary ?? '', 'failed');
    return {
      passed: summary ? countOf(summary, 'passed') : null,
      failed: Math.max(counted, failures.length, countOf(suites, 'failed') > 0 ? 1 : 0),
      failures,
      passedNames: passedIds(lines),
    };
  },
};

/** The file a `PASS` or `FAIL` line names, without a project's label before it. */
function fileOf(line: string): string | null {
  if (!FILE.test(line)) return null;
  // Its time and the memory in use stand in brackets behind it.
  const named = line.replace(FILE, '').replace(/(?: \([^()]{1,40}\)){1,2}$/, '');
  if (!/\.[cm]?[jt]sx?$/.test(named)) return null;
  const label = /^([^\s/\\.]+) {1,2}(?=\S*[/\\.])/.exec(named);
  return label ? named.slice(label[0].length) : named;
}

/** Listed tests that passed, by file and name. */
function passedIds(lines: readonly string[]): string[] {
  const ids: string[] = [];
  let file = '';
  let from = 0;
  const flush = (to: number) => {
    const names = listedNames(lines.slice(from, to), /^\s+[✓√] (.*)/, ' › ', (line) =>
      /^ {2,}[^\s●✓✕√×○>|]/.test(line),
    );
    ids.push(...names.map((name) => testId({ name: withoutTime(name), file: file || undefined })));
    from = to;
  };
  lines.forEach((line, i) => {
    const next = fileOf(line);
    if (next === null) return;
    flush(i);
    file = next;
  });
  flush(lines.length);
  return ids;
}

/** Without the code frame, which begins with a numbered line. */
function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s+(?:>\s*)?\d+ \|/.test(line) || /^\s+at /.test(line));
  return lines
    .slice(0, end < 0 ? 20 : end)
    .map((line) => line.trim())
    .filter(Boolean)
    .join('\n');
}
