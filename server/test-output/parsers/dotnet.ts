/** dotnet test (vstest's console logger): xUnit, NUnit and MSTest look the same in it. Before SDK 5 it said X and √, since then Failed and Passed. */
import { blocksOf, failureFrom, type Parser, type TestFailure, unique } from '../report';

/** A terminal is told so now and then, and the next line follows at once. */
const PROGRESS = /^(?:Test run in progress\.)+/;
/** The compiler's words: file, line and column, text. Project and warnings are left out. */
const BUILD_ERROR = /^\s*(\S.*?)\((\d+),(\d+)\): error (\w+: .*?)(?: \[[^\]]+\])?$/;

export const dotnet: Parser = (output) => {
  const lines = output.lines.map((line) => line.trimEnd().replace(PROGRESS, ''));
  const short = lines.filter((line) => /^(?:Passed|Failed)!\s+- Failed: +\d+, Passed: +\d+/.test(line));
  const long = lines.findLast((line) => /^Total tests: \d+/.test(line));
  if (short.length === 0 && !long) {
    return notBuilt(lines);
  }
  const failures = blocksOf(
    lines,
    (line) => /^ {1,4}(?:Failed|X) (\S.*?) \[[^\]]+\]$/.exec(line)?.[1] ?? null,
    (line) =>
      /^(?: {1,4}(?:Passed|Skipped|√|!) \S.* \[|(?:Failed|Passed)!|Total tests:|Test Run |Results File:|\[xUnit)/.test(
        line,
      ),
  ).map((block) => failureFrom(block.name, block.lines, { message: message(block.lines) }));
  const sum = (word: string) =>
    short.length > 0
      ? short.reduce((n, line) => n + Number(new RegExp(`${word}: +(\\d+)`).exec(line)?.[1] ?? 0), 0)
      : Number(lines.flatMap((line) => new RegExp(`^ +${word}: (\\d+)`).exec(line)?.[1] ?? []).pop() ?? 0);
  return {
    runner: 'dotnet test',
    passed: sum('Passed'),
    failed: sum('Failed'),
    failures,
    passedNames: lines.flatMap((line) => /^ {1,4}(?:Passed|√) (\S.*?) \[[^\]]+\]$/.exec(line)?.[1] ?? []),
  };
};

/** Nothing ran: what the C# compiler did not take, as a failure for each error. */
function notBuilt(lines: readonly string[]): ReturnType<Parser> {
  const failures = unique(
    lines.flatMap((line): TestFailure[] => {
      const [, file, row, column, message] = BUILD_ERROR.exec(line) ?? [];
      if (!file?.endsWith('.cs')) return [];
      const frames = [{ file, line: Number(row), column: Number(column) }];
      return [{ name: `build ${file}:${row}`, message: message!, frames, text: line.trim() }];
    }),
  );
  if (failures.length === 0) return null;
  return { runner: 'dotnet test', passed: 0, failed: failures.length, failures, passedNames: [] };
}

function message(lines: readonly string[]): string {
  const from = lines.findIndex((line) => /^\s*Error Message:/.test(line));
  const to = lines.findIndex((line) => /^\s*Stack Trace:/.test(line));
  return lines
    .slice(from + 1, to < 0 ? from + 20 : to)
    .map((line) => line.trim())
    .join('\n');
}
