/** What the parsers share: an output cut into blocks, a failure made of one. */
import { cutText } from '../workspace/redaction';
import { framesIn } from './frames';
import { type TestFailure, testId } from './report';

/** Failures that are told of one run; more are counted. */
export const MOST_FAILURES = 200;
/** What is kept of one failure, in characters. */
const BLOCK_LIMIT = 8_000;
/** What is kept of a message, in characters. */
const MESSAGE_LIMIT = 4_000;

/** A failure from the lines that tell of it. `message` are the first lines of it that are no stack frames, by default. */
export function failureFrom(
  name: string,
  lines: readonly string[],
  how: { message?: string; file?: string | null; innermostLast?: boolean } = {},
): TestFailure {
  const text = cutText(lines.join('\n'), BLOCK_LIMIT).trimEnd();
  const frames = framesIn(text);
  if (how.innermostLast) {
    frames.reverse();
  }
  const message = cutText(how.message?.trim() || messageOf(lines), MESSAGE_LIMIT);
  return { name: name.trim(), ...(how.file ? { file: how.file } : {}), message, frames, text };
}

/** The lines before the first stack frame. */
export function messageOf(lines: readonly string[]): string {
  const end = lines.findIndex((line) => isFrameLine(line.trim()));
  return dedent(end < 0 ? lines : lines.slice(0, end));
}

/** A line of a stack trace, trimmed. */
export function isFrameLine(line: string): boolean {
  return /^(?:at |❯ |# \.?\/|[│╵])/.test(line) || /^[^\s:]{1,300}\.\w{1,10}:\d+$/.test(line);
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
  return Number(new RegExp(`(?<!\\d)(\\d{1,9}) ${word}`).exec(line)?.[1] ?? 0);
}

/** The number behind a word, as in "Failures: 2"; 0 where the word is missing. */
export function countAfter(line: string, word: string): number {
  return Number(new RegExp(`\\b${word}[:=] {0,9}(\\d{1,9})`).exec(line)?.[1] ?? 0);
}

/** Without the time that runners print behind a name: ` (3 ms)`, ` 12ms`, ` [0.42ms]`. */
export function withoutTime(name: string): string {
  return name.replace(/ [([]?\d[\d.,]{0,12} ?(?:m?s|μs|ns|min|minutes?|seconds?)[)\]]?$/, '');
}

/** Each failure once: some runners print them again in a summary. */
export function unique(failures: readonly TestFailure[]): TestFailure[] {
  const seen = new Set<string>();
  return failures.filter((failure) => {
    const id = testId(failure);
    return !seen.has(id) && seen.add(id);
  });
}

/**
 * Cuts lines into blocks: each begins with a line that `start` names and ends before the next, or where `end` says.
 * `most` blocks are told.
 */
export function blocksOf(
  lines: readonly string[],
  start: (line: string) => string | null,
  end: (line: string) => boolean,
  most = MOST_FAILURES,
): { name: string; lines: string[] }[] {
  const blocks: { name: string; lines: string[] }[] = [];
  let open: { name: string; lines: string[] } | null = null;
  for (const line of lines) {
    const name = start(line);
    if (name !== null) {
      if (blocks.length === most) break;
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
      names.push([...groups.map((group) => group.name), withoutTime(name.trim())].join(join));
    } else if (line.trim() !== '' && isGroup(line)) {
      groups.push({ indent, name: line.trim() });
    }
  }
  return names;
}

/** The value of a key in the YAML that TAP puts under a test: its text, a block's lines dedented; '' where it is missing. */
export function yamlValue(lines: readonly string[], key: string): string {
  const at = lines.findIndex((line) => line.trimStart().startsWith(`${key}:`));
  if (at < 0) return '';
  const line = lines[at]!;
  const indent = line.length - line.trimStart().length;
  const value = line
    .trimStart()
    .slice(key.length + 1)
    .trim();
  if (value !== '' && !/^[|>][-+]?$/.test(value)) return value;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((one) => one.trim() !== '' && one.length - one.trimStart().length <= indent);
  return dedent(end < 0 ? rest : rest.slice(0, end));
}

export function unquoted(text: string): string {
  const trimmed = text.trim();
  const quote = trimmed[0];
  return (quote === "'" || quote === '"') && trimmed.length > 1 && trimmed.endsWith(quote)
    ? trimmed.slice(1, -1)
    : trimmed;
}
