/** dotnet test (vstest's console logger): xUnit, NUnit and MSTest look the same in it. */
import { blocksOf, failureFrom, type Parser } from './report';

export const dotnet: Parser = ({ lines }) => {
  const short = lines.filter((line) => /^(?:Passed|Failed)!\s+- Failed: +\d+, Passed: +\d+/.test(line));
  const long = lines.findLast((line) => /^Total tests: \d+/.test(line));
  if (short.length === 0 && !long) {
    return null;
  }
  const failures = blocksOf(
    lines,
    (line) => /^ {1,4}(?:Failed|X) (\S.*?) \[[^\]]+\]$/.exec(line)?.[1] ?? null,
    (line) =>
      /^(?: {1,4}(?:Passed|Skipped) \S.* \[|(?:Failed|Passed)!|Total tests:|Test Run |Results File:|\[xUnit)/.test(
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
    passedNames: lines.flatMap((line) => /^ {1,4}Passed (\S.*?) \[[^\]]+\]$/.exec(line)?.[1] ?? []),
  };
};

function message(lines: readonly string[]): string {
  const from = lines.findIndex((line) => /^\s*Error Message:/.test(line));
  const to = lines.findIndex((line) => /^\s*Stack Trace:/.test(line));
  return lines
    .slice(from + 1, to < 0 ? from + 20 : to)
    .map((line) => line.trim())
    .join('\n');
}
