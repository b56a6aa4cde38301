/** dotnet test (vstest's console logger): xUnit, NUnit and MSTest look the same in it. Before SDK 5 it said X and √, since then Failed and Passed. */
import { blocksOf, failureFrom, unique } from '../../blocks';
import type { RunParser, RunResult, TestFailure } from '../../report';

/** A terminal is told so now and then, and the next line follows at once. */
const PROGRESS = /^(?:Test run in progress\.)+/;
const SHORT = /^(?:Passed|Failed)!\s+- Failed: +\d+, Passed: +\d+/;
const TOTAL = /^Total tests: \d+/;
const COMPILED = /\((\d+),(\d+)\): error ((?:CS|FS|BC|NU|MSB)\d+: .*)/;

export const dotnet: RunParser = {
  runner: 'dotnet test',
  marks:
    /^(?:Test run in progress\.)*(?:(?:Passed|Failed)!\s+- Failed: +\d+|Total tests: \d+)|\(\d+,\d+\): error (?:CS|FS|BC)\d+: /,
  parse(output) {
    const lines = output.lines.map((line) => line.trimEnd().replace(PROGRESS, ''));
    const short = lines.filter((line) => SHORT.test(line));
    const long = lines.findLast((line) => TOTAL.test(line));
    if (short.length === 0 && !long) return notBuilt(lines);
    const failures = blocksOf(
      lines,
      (line) => testOf(line, /^ {1,4}(?:Failed|X) (?=\S)/),
      (line) =>
        testOf(line, /^ {1,4}(?:Passed|Skipped|√|!) (?=\S)/) !== null ||
        /^(?:(?:Failed|Passed)!|Total tests:|Test Run |Results File:|\[xUnit)/.test(line),
    ).map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) }));
    const sum = (word: string) =>
      short.length > 0
        ? short.reduce((n, line) => n + Number(new RegExp(`${word}: +(\\d+)`).exec(line)?.[1] ?? 0), 0)
        : Number(lines.flatMap((line) => new RegExp(`^ +${word}: (\\d+)`).exec(line)?.[1] ?? []).pop() ?? 0);
    return {
      passed: sum('Passed'),
      failed: sum('Failed'),
      failures,
      passedNames: lines.flatMap((line) => testOf(line, /^ {1,4}(?:Passed|√) (?=\S)/) ?? []),
    };
  },
};

/** `  Failed Shop.CartTests.Half [3 ms]` */
function testOf(line: string, start: RegExp): string | null {
  const name = start.test(line) && line.endsWith(']') ? line.replace(start, '') : '';
  const time = name.lastIndexOf(' [');
  return time > 0 ? name.slice(0, time) : null;
}

/** Nothing ran: what the compiler did not take, as a failure for each error. */
function notBuilt(lines: readonly string[]): RunResult | null {
  const failures = unique(
    lines.flatMap((line): TestFailure[] => {
      const match = COMPILED.exec(line);
      if (!match) return [];
      const [, row, column, text] = match as unknown as [string, string, string, string];
      const file = line.slice(0, match.index).trim();
      const frames = [{ file, line: Number(row), column: Number(column) }];
      const project = text.endsWith(']') ? text.lastIndexOf(' [') : -1;
      return [
        {
          name: `build ${file}:${row}`,
          message: project < 0 ? text : text.slice(0, project),
          frames,
          text: line.trim(),
        },
      ];
    }),
  );
  return failures.length === 0 ? null : { passed: 0, failed: failures.length, failures, passedNames: [] };
}

/** Between "Error Message:" and "Stack Trace:", where a runner prints them. */
export function message(lines: readonly string[]): string {
  const from = lines.findIndex((line) => /^\s*Error Message:/.test(line));
  const to = lines.findIndex((line) => /^\s*Stack Trace:/.test(line));
  return lines
    .slice(from + 1, to < 0 ? from + 20 : to)
    .map((line) => line.trim())
    .join('\n');
}
