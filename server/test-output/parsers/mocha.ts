/** mocha's spec, dot and similar reporters. */
import { failureFrom, listedNames, type Parser, type TestFailure } from '../report';

export const mocha: Parser = ({ lines }) => {
  const summary = lines.findIndex((line) => /^ {2}\d+ passing \(/.test(line));
  if (summary < 0) {
    return null;
  }
  const failing = lines.slice(summary).find((line) => /^ {2}\d+ failing$/.test(line));
  const failures: TestFailure[] = [];
  let titles: string[] | null = null;
  let block: { name: string; lines: string[] } | null = null;
  const close = () => {
    if (block) {
      failures.push(failureFrom(block.name, block.lines));
    }
  };
  for (const line of failing ? lines.slice(lines.indexOf(failing, summary) + 1) : []) {
    const first = /^ {2}\d+\) (.*)$/.exec(line);
    if (first) {
      close();
      block = null;
      titles = [];
    }
    if (titles) {
      const title = (first?.[1] ?? line).trim();
      titles.push(title.replace(/:$/, ''));
      if (title.endsWith(':')) {
        block = { name: titles.join(' '), lines: [] };
        titles = null;
      }
    } else {
      block?.lines.push(line);
    }
  }
  close();
  return {
    runner: 'mocha',
    passed: Number(/(\d+) passing/.exec(lines[summary]!)![1]),
    failed: failing ? Number(/\d+/.exec(failing)![0]) : 0,
    failures,
    passedNames: listedNames(lines.slice(0, summary), /^\s*[✔✓] (.*?)(?: \(\d+ms\))?$/, ' ', (line) =>
      /^ {2,}[^\d✔✓-]/.test(line),
    ),
  };
};
