/** Errors of compilers in a build's output: no test run, but places where what was written does not compile. */
import { framesIn } from './frames';
import type { TestFailure } from './report';

/** The `runner` of a report that holds compilers' errors alone. */
export const BUILD = 'build';
/** Errors that are told, at most. */
const MOST = 30;
const LINE_LIMIT = 1_000;

/** What follows a place where a compiler names an error. */
const FORMS = [
  // tsc, msbuild, csc: `a.ts(3,5): error TS2339: …`
  /\(\d+,\d+\): (?:fatal )?(error [A-Z]{1,4}\d+: .*)/,
  // tsc --pretty: `a.ts:3:5 - error TS2339: …`
  /:\d+:\d+ - (error TS\d+: .*)/,
  // gcc, clang, swiftc, kotlinc, javac, rustc --error-format=short: `a.c:3:5: error: …`, `A.java:9: error: …`
  /:\d+:(?:\d+:)? (?:fatal )?(error(?:\[E\d+\])?: .*)/,
  // MSVC: `a.cpp(3): error C2065: …`
  /\(\d+\): (?:fatal )?(error [A-Z]{1,4}\d+: .*)/,
  // maven: `[ERROR] /a/Cart.java:[9,5] …`
  /^\[ERROR\] \S+:\[\d+,\d+\] (.*)/,
  // kotlin's Gradle plugin: `e: file:///a/Cart.kt:3:5 …`
  /^e: \S+:\d+:\d+:? (.*)/,
];
const GO = /^(?:\.{0,2}[\\/])?[\w.@\\/-]+\.go:\d+:\d+: (.*)/;

/** Each error as a failure without a name. Empty where the text has none. */
export function compilerErrors(lines: readonly string[]): TestFailure[] {
  const found: TestFailure[] = [];
  const go = lines.some((line) => /^# \S+/.test(line));
  for (let i = 0; i < lines.length && found.length < MOST; i++) {
    const line = lines[i]!;
    if (line.length > LINE_LIMIT) continue;
    const message = errorOf(line) ?? (go ? GO.exec(line)?.[1] : undefined);
    const rust = message === undefined ? /^(error(?:\[E\d+\])?: .*)/.exec(line)?.[1] : undefined;
    const place = rust === undefined ? line : lines.slice(i + 1, i + 4).find((next) => /^ *--> /.test(next));
    const said = message ?? rust;
    const [frame] =
      said === undefined || place === undefined ? [] : framesIn(place.replace(/:\[(\d+),(\d+)\]/, ':$1:$2'));
    if (frame)
      found.push({
        name: '',
        message: said!.trim(),
        frames: [frame],
        text: rust === undefined ? line : `${line}\n${place}`,
      });
  }
  return found;
}

function errorOf(line: string): string | undefined {
  return /error|^\[ERROR\]|^e: /.test(line)
    ? FORMS.map((form) => form.exec(line)?.[1]).find(Boolean)
    : undefined;
}
