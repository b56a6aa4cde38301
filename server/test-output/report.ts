/** What a test run said, and what its parsers share. */
import { framesIn } from './frames';

export interface Frame {
  /** As printed: relative to the run's folder, absolute, or with its package as folders (`shop/Cart.java`). */
  file: string;
  /** From 1. */
  line: number;
  /** From 1; null where the runner prints none. */
  column: number | null;
}

export interface TestFailure {
  /** The test's name; '' where only a stack trace is known. */
  name: string;
  /** Exception type and message, or the assertion, in a line or a few. */
  message: string;
  /** Innermost first. */
  frames: Frame[];
  /** The failure as printed, without escape codes. */
  text: string;
}

export interface TestReport {
  /** 'jest', 'pytest', …; 'frames' where only stack traces were recognised. */
  runner: string;
  /** Null where the output does not say. */
  passed: number | null;
  failed: number | null;
  failures: TestFailure[];
  /** Names of tests that passed, where the runner lists them. */
  passedNames: string[];
}

/** The output without escape codes, at most some hundred thousand characters of it. */
export interface Output {
  text: string;
  lines: string[];
}

/** Answers null where the output is not its runner's. */
export type Parser = (output: Output) => TestReport | null;

/** What is kept of one failure, in characters. */
const BLOCK_LIMIT = 8_000;

/** A failure from the lines that tell of it. `message` are the first lines of it that are no stack frames, by default. */
export function failureFrom(
  name: string,
  lines: readonly string[],
  how: { message?: string; innermostLast?: boolean } = {},
): TestFailure {
  const text = lines.join('\n').slice(0, BLOCK_LIMIT).trimEnd();
  const frames = framesIn(text);
  if (how.innermostLast) {
    frames.reverse();
  }
  return { name: name.trim(), message: how.message?.trim() ?? messageOf(lines), frames, text };
}

/** The lines before the first stack frame. */
export function messageOf(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s*(?:at |❯ |# \.?\/|[│╵])|^\s*[^\s:]+\.\w+:\d+\s*$/.test(line));
  return dedent(end < 0 ? lines : lines.slice(0, end));
}

/** Without common indentation and empty edges. */
export function dedent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const indent = Math.min(...filled.map((line) => line.length - line.trimStart().length), 100);
  return lines
    .map((line) => line.slice(Math.min(indent, line.length - line.trimStart().length)))
    .join('\n')
    .trim();
}

/** The number in front of a word, as in "2 failed, 1 passed"; 0 where the word is missing. */
export function countOf(line: string, word: string): number {
  return Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
}

/** Each failure once: some runners print them again in a summary. */
export function unique(failures: readonly TestFailure[]): TestFailure[] {
  const seen = new Set<string>();
  return failures.filter((failure) => !seen.has(failure.name) && seen.add(failure.name));
}

/**
 * Cuts lines into blocks: each begins with a line that `start` names and ends before the next, or where `end` says.
 */
export function blocksOf(
  lines: readonly string[],
  start: (line: string) => string | null,
  end: (line: string) => boolean,
): { name: string; lines: string[] }[] {
  const blocks: { name: string; lines: string[] }[] = [];
  let open: { name: string; lines: string[] } | null = null;
  for (const line of lines) {
    const name = start(line);
    if (name !== null) {
      open = { name, lines: [] };
      blocks.push(open);
    } else if (open && end(line)) {
      open = null;
    } else {
      open?.lines.push(line);
    }
  }
  return blocks;
}

/** Names of tests listed under their groups by indentation, as many runners print what passed. */
export function listedNames(
  lines: readonly string[],
  passed: RegExp,
  join: string,
  isGroup: (line: string) => boolean,
): string[] {
  const groups: { indent: number; name: string }[] = [];
  const names: string[] = [];
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    while (line.trim() !== '' && groups.length > 0 && groups[groups.length - 1]!.indent >= indent) {
      groups.pop();
    }
    const name = passed.exec(line)?.[1];
    if (name !== undefined) {
      names.push([...groups.map((group) => group.name), name.trim()].join(join));
    } else if (line.trim() !== '' && isGroup(line)) {
      groups.push({ indent, name: line.trim() });
    }
  }
  return names;
}
