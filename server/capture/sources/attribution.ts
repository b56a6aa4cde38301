/** Which completion a failing test is about. Pure: places and texts in, a verdict out. */
import { basename, isAbsolute, join, normalize } from 'node:path';
import type { Frame, TestFailure } from '../../test-output/report';

/** An accepted completion that was on disk when the tests ran. Lines from 0. */
export interface Candidate {
  id: string;
  /** Absolute path of its file. */
  path: string;
  startLine: number;
  endLine: number;
  /** The function or block around it, and its name where it has one. */
  scope: { startLine: number; endLine: number; name: string | null };
  acceptedAt: number;
}

export interface Verdict {
  /** The completion this failure is about; null where none is. */
  id: string | null;
  /** Completions that could all be the cause, where that was not decided. */
  tied: string[];
}

export interface Surroundings {
  cwd: string;
  startedAt: number;
  /** The lines around a frame (the test's own code), or null where they may not be read. */
  source(frame: Frame): string | null;
  /** Whether this test already failed before the completion was accepted. */
  failedBefore(candidate: Candidate): boolean;
  /** Whether it passed in the last run before the completion was accepted. */
  passedBefore(candidate: Candidate): boolean;
}

/** Weak hints (the output only names the file) count for completions accepted this recently, in ms. */
const RECENT_MS = 10 * 60_000;

const ON_SPAN = 4;
const IN_SCOPE = 3;
const NAMED = 2;
const MENTIONED = 1;

/** Decides one failure: a frame on the span, in its function, its function's name in the test, its file's name. */
export function attribute(
  failure: TestFailure,
  candidates: readonly Candidate[],
  around: Surroundings,
): Verdict {
  const scored = candidates
    .map((candidate) => ({ candidate, ...score(failure, candidate, around) }))
    .filter(({ score, candidate }) => score > 0 && (score >= IN_SCOPE || !around.failedBefore(candidate)))
    .filter(({ score, candidate }) => score > MENTIONED || isRecent(candidate, failure, around));
  const best = Math.max(0, ...scored.map((s) => s.score));
  // A stack may run through several spans: the innermost frame is where it broke.
  const top = scored.filter((s) => s.score === best).sort((a, b) => a.depth - b.depth);
  const first = top[0];
  if (!first) {
    return { id: null, tied: [] };
  }
  const rivals = top.filter((s) => s.depth === first.depth);
  return rivals.length === 1
    ? { id: first.candidate.id, tied: [] }
    : { id: null, tied: rivals.map((s) => s.candidate.id) };
}

/**
 * A mere mention of the file counts for a fresh completion, and not where the test's code is known and calls something else:
 * unless the test passed right before.
 */
function isRecent(candidate: Candidate, failure: TestFailure, around: Surroundings): boolean {
  const fresh = around.startedAt - candidate.acceptedAt <= RECENT_MS;
  const known =
    candidate.scope.name !== null && failure.frames.some((frame) => around.source(frame) !== null);
  return fresh && (!known || around.passedBefore(candidate));
}

/** How strongly a failure points at a candidate, and how deep in the stack. */
function score(failure: TestFailure, c: Candidate, around: Surroundings): { score: number; depth: number } {
  let best = { score: 0, depth: 0 };
  failure.frames.forEach((frame, depth) => {
    if (sameFile(frame.file, c.path, around.cwd)) {
      const line = frame.line - 1;
      const hit =
        line >= c.startLine && line <= c.endLine
          ? ON_SPAN
          : line >= c.scope.startLine && line <= c.scope.endLine
            ? IN_SCOPE
            : MENTIONED;
      if (hit > best.score) {
        best = { score: hit, depth };
      }
    }
  });
  if (best.score < NAMED && c.scope.name && names(failure, c.scope.name, around)) {
    return { score: NAMED, depth: 0 };
  }
  if (best.score === 0 && mentions(failure, c.path)) {
    return { score: MENTIONED, depth: 0 };
  }
  return best;
}

/** The failure's text or the test's code calls the function by name. */
function names(failure: TestFailure, name: string, around: Surroundings): boolean {
  const word = new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$&')}(?![\\w$])`);
  if (word.test(failure.name) || word.test(failure.text)) {
    return true;
  }
  return failure.frames.slice(0, 3).some((frame) => word.test(around.source(frame) ?? ''));
}

/** The output names the file, or the test file is named after it. */
function mentions(failure: TestFailure, path: string): boolean {
  const name = basename(path);
  const stem = stemOf(name);
  return (
    failure.text.includes(name) ||
    (stem.length >= 3 && failure.frames.some((frame) => stemOf(basename(frame.file)) === stem)) ||
    (stem.length >= 3 && stemOf(basename(failure.name.split(/::|\s/)[0] ?? '')) === stem)
  );
}

/** `cart` for cart.ts, cart.test.ts, test_cart.py, CartTest.java, cart_spec.rb. */
function stemOf(name: string): string {
  return name
    .replace(/\.[^.]+$/, '')
    .replace(/[._-](?:test|tests|spec|e2e)$|^(?:test|tests|spec)[._-]|(?:Tests?|Spec)$/i, '')
    .toLowerCase();
}

/** Whether a printed file (absolute, relative to the run, or with its last folders only) is this path. */
export function sameFile(printed: string, path: string, cwd: string): boolean {
  const file = normalize(printed.replace(/\\/g, '/').replace(/^\.\//, ''));
  if (isAbsolute(file)) {
    return file === path;
  }
  return (
    join(cwd, file) === path || path.replace(/\\/g, '/').endsWith(`/${file.replace(/^(?:\.\.\/)+/, '')}`)
  );
}

/** The block around `line`: from the nearest less indented line above to where the indentation falls back to it. */
export function scopeOf(lines: readonly string[], startLine: number, endLine: number): Candidate['scope'] {
  const indent = (line: string) => line.length - line.trimStart().length;
  const blank = (line: string) => line.trim() === '';
  const own = Math.min(
    ...lines
      .slice(startLine, endLine + 1)
      .filter((line) => !blank(line))
      .map(indent),
    1_000,
  );
  let start = startLine;
  let name = nameIn(lines, startLine);
  let wanted = own;
  // Up through inner blocks (if, for) to the line that defines something.
  for (let i = startLine - 1; i >= 0 && name === null && wanted > 0; i--) {
    const line = lines[i]!;
    if (!blank(line) && indent(line) < wanted && !/^\s*[)\]}]/.test(line)) {
      start = i;
      // A brace in a line of its own belongs to the line above, which has the same indentation.
      wanted = line.trim() === '{' ? indent(line) + 1 : indent(line);
      name = nameIn(lines, i);
    }
  }
  let end = endLine;
  while (end + 1 < lines.length) {
    const next = lines[end + 1]!;
    if (!blank(next) && indent(next) <= indent(lines[start] ?? '') && start !== end + 1) {
      break;
    }
    end++;
  }
  return { startLine: start, endLine: end, name };
}

const DEFINITIONS = [
  /\b(?:function\*?|def|fn|func|fun|sub)\s+(?:\([^)]*\)\s*)?(?:self\.)?([A-Za-z_$][\w$]*)/,
  /\b(?:const|let|var|val)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:function|\([^)]*\)\s*(?::[^=]+)?=>|\w+\s*=>)/,
  /^\s*(?:(?:public|private|protected|internal|static|async|override|final|virtual|get|set|readonly)\s+)*(?:[\w<>[\],.?]+\s+)?([A-Za-z_$][\w$]*)\s*\([^;]*\)\s*(?::[^{;]+)?(?:throws [\w, ]+)?\{\s*$/,
];
const KEYWORDS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'else',
  'with',
  'function',
  'new',
  'match',
]);

/** A line that begins so uses a function and defines none. */
const STATEMENT = /^\s*(?:return|await|throw|raise|yield|new|else|case|assert)\b/;

/** The function a line defines; null where it defines none. */
function nameIn(lines: readonly string[], at: number): string | null {
  const line = lines[at] ?? '';
  const whole = lines[at + 1]?.trim() === '{' ? `${line} {` : line;
  for (const pattern of DEFINITIONS) {
    const name = pattern.exec(whole)?.[1];
    if (name && !KEYWORDS.has(name) && !STATEMENT.test(line) && name.length >= 3) {
      return name;
    }
  }
  return null;
}
