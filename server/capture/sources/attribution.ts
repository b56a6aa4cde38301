/** Which completion a failing test is about. Pure: places and texts in, a verdict out. */
import type { PlatformPath } from 'node:path';
import { samePath } from '../../test-output/places';
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
  startedAt: number;
  /** The file of the project that a frame is in, as an absolute path; null where it is in none. */
  pathOf(frame: Frame): string | null;
  /** Whether a frame is in a test's own code rather than in what is tested. */
  isTest(frame: Frame): boolean;
  /** The lines around a frame (the test's own code), or null where they may not be read. */
  source(frame: Frame): string | null;
  /** Whether this test already failed before the completion was accepted. */
  failedBefore(candidate: Candidate): boolean;
  /** Whether it passed in the last run before the completion was accepted. */
  passedBefore(candidate: Candidate): boolean;
  /** `node:path`, or its rules for Windows. */
  path: PlatformPath;
}

/** Weak hints (the test is only named after the file) count for completions accepted this recently, in ms. */
const RECENT_MS = 10 * 60_000;

/**
 * Decides one failure. It broke in the innermost frame of the project: the completion on that line is blamed, and where none is
 * there, none. Only where that frame is the test's own code, an assertion on what was tested, its words say what that was: the
 * function that the test calls by name, or the file that it is named after. Several that fit equally well: none.
 */
export function attribute(
  failure: TestFailure,
  candidates: readonly Candidate[],
  around: Surroundings,
): Verdict {
  const innermost = failure.frames.find((frame) => around.pathOf(frame) !== null);
  if (!innermost) {
    return NOBODY;
  }
  const path = around.pathOf(innermost)!;
  const line = innermost.line - 1;
  const there = candidates.filter(
    (c) => samePath(c.path, path, around.path) && line >= c.startLine && line <= c.endLine,
  );
  if (there.length > 0) {
    return oneOf(there);
  }
  if (!around.isTest(innermost)) {
    return NOBODY;
  }
  const open = candidates.filter((candidate) => !around.failedBefore(candidate));
  const named = open.filter(({ scope }) => scope.name !== null && names(failure, scope.name, around));
  return named.length > 0
    ? oneOf(named)
    : oneOf(open.filter((c) => mentions(failure, c.path) && isRecent(c, failure, around)));
}

const NOBODY: Verdict = { id: null, tied: [] };

function oneOf(found: readonly Candidate[]): Verdict {
  const [first] = found;
  return found.length === 1 ? { id: first!.id, tied: [] } : { id: null, tied: found.map(({ id }) => id) };
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
  const name = nameOf(path);
  const stem = stemOf(name);
  return (
    failure.text.includes(name) ||
    (stem.length >= 3 && failure.frames.some((frame) => stemOf(nameOf(frame.file)) === stem)) ||
    (stem.length >= 3 && stemOf(nameOf(failure.name.split(/::|\s/)[0] ?? '')) === stem)
  );
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).pop()!;
}

/** `cart` for cart.ts, cart.test.ts, test_cart.py, CartTest.java, cart_spec.rb. */
function stemOf(name: string): string {
  return name
    .replace(/\.[^.]+$/, '')
    .replace(/[._-](?:test|tests|spec|e2e)$|^(?:test|tests|spec)[._-]|(?:Tests?|Spec)$/i, '')
    .toLowerCase();
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

/** A longer line was not written by hand, in characters. */
const LONGEST = 1_000;
const DEFINITIONS = [
  /\b(?:function\*?|def|fn|func|fun|sub)\s{1,20}(?:\([^)]{0,200}\)\s{0,20})?(?:self\.)?([A-Za-z_$][\w$]*)/,
  /\b(?:const|let|var|val)\s{1,20}([A-Za-z_$][\w$]*)\s{0,20}(?::[^=]{1,200})?=\s{0,20}(?:async\s{0,20})?(?:function|\([^)]{0,300}\)\s{0,20}(?::[^=]{1,200})?=>|\w{1,100}\s{0,20}=>)/,
  /^\s*(?:(?:public|private|protected|internal|static|async|override|final|virtual|get|set|readonly)\s{1,20}){0,8}(?:[\w<>[\],.?]{1,200}\s{1,20})?([A-Za-z_$][\w$]*)\s{0,20}\([^;]{0,1000}\)\s{0,20}(?::[^{;]{1,200})?(?:throws [\w, ]{1,200})?\{\s*$/,
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
  if (line.length > LONGEST) {
    return null;
  }
  const whole = lines[at + 1]?.trim() === '{' ? `${line} {` : line;
  for (const pattern of DEFINITIONS) {
    const name = pattern.exec(whole)?.[1];
    if (name && !KEYWORDS.has(name) && !STATEMENT.test(line) && name.length >= 3) {
      return name;
    }
  }
  return null;
}
