/** mocha's spec, dot and similar reporters; Cypress prints the same for each spec file. */
import { failureFrom, listedNames } from '../../blocks';
import type { RunParser, RunResult, TestFailure } from '../../report';

export const mocha: RunParser = {
  runner: 'mocha',
  marks: /^ {2}\d+ passing(?: \(|$)/,
  parse({ lines }) {
    const at = lines.findLastIndex((line) => /^ {2}\d+ passing(?: \(|$)/.test(line));
    const before = lines.slice(0, at).findLastIndex((line) => /^ {2}\d+ passing(?: \(|$)/.test(line));
    return at < 0 ? null : readMocha(lines.slice(before + 1));
  },
};

/** Lines with one summary. */
export function readMocha(lines: readonly string[]): RunResult {
  const summary = lines.findIndex((line) => /^ {2}\d+ passing(?: \(|$)/.test(line));
  const at = lines.findIndex((line, i) => i > summary && /^ {2}\d+ failing$/.test(line));
  return {
    passed: summary < 0 ? null : Number.parseInt(lines[summary]!, 10),
    failed: at < 0 ? marked(lines.slice(0, Math.max(0, summary))) : Number.parseInt(lines[at]!, 10),
    failures: at < 0 ? [] : failed(lines.slice(at + 1)),
    passedNames: listedNames(lines.slice(0, Math.max(0, summary)), /^\s*[✔✓] (.*)/, ' ', (line) =>
      /^ {2,}[^\d✔✓-]/.test(line),
    ),
  };
}

/** Failures marked in the list of tests or among the dots: an output may be cut before it counts them. */
function marked(lines: readonly string[]): number {
  return lines.filter(
    (line) => /^ {2,}\d+\) \S/.test(line) || (/^ {2}[․.,!]+$/.test(line) && line.includes('!')),
  ).length;
}

/** A failure begins with its number and its titles, each in a line, the last with a colon; the error is indented less. */
function failed(lines: readonly string[]): TestFailure[] {
  const failures: TestFailure[] = [];
  const end = lines.findIndex(
    (line) =>
      /^ {2}\((?:Results|Screenshots|Video|Run Finished)\)/.test(line) ||
      /^(?:npm (?:ERR!|error) |error Command failed|> \S+@)/.test(line),
  );
  const own = lines.slice(0, end < 0 ? lines.length : end);
  for (let i = 0; i < own.length; i++) {
    const first = /^ {2}\d+\) (.*)/.exec(own[i]!);
    if (!first) continue;
    const titles = [first[1]!.trim()];
    while (
      /^ {7,}\S/.test(own[i + 1] ?? '') &&
      !(titles.length > 1 && titles[titles.length - 1]!.endsWith(':'))
    ) {
      titles.push(own[++i]!.trim());
    }
    // Cut off before its last title.
    if (!titles[titles.length - 1]!.endsWith(':')) continue;
    const rest = own.slice(i + 1);
    const length = rest.findIndex((line) => /^ {2}\d+\) /.test(line));
    const name = titles.join(' ').replace(/:$/, '');
    failures.push(failureFrom(name, length < 0 ? rest : rest.slice(0, length)));
  }
  return failures;
}
