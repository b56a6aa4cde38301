/** Tries the runners' parsers on an output; any other stack trace gives at least its frames. */
import { stripAnsi } from '../workspace/redaction';
import { framesIn } from './frames';
import { cargo } from './parsers/cargo';
import { dotnet } from './parsers/dotnet';
import { go } from './parsers/go';
import { gradle } from './parsers/gradle';
import { jest } from './parsers/jest';
import { junitXml } from './parsers/junit-xml';
import { maven } from './parsers/maven';
import { mocha } from './parsers/mocha';
import { nodeTest } from './parsers/node-test';
import { phpunit } from './parsers/phpunit';
import { pytest } from './parsers/pytest';
import { rspec } from './parsers/rspec';
import { tap } from './parsers/tap';
import { unittest } from './parsers/unittest';
import { vitest } from './parsers/vitest';
import type { Output, Parser, TestReport } from './report';

/** What is looked at of a long output, in characters: runners tell failures first or last, never only in the middle. */
const HEAD = 48 * 1024;
const TAIL = 160 * 1024;

/** Longer lines are cut, in characters. */
const LINE_LIMIT = 2_000;

/** The surest to be recognised first. */
const PARSERS: Parser[] = [
  junitXml,
  vitest,
  jest,
  nodeTest,
  mocha,
  pytest,
  unittest,
  cargo,
  rspec,
  phpunit,
  dotnet,
  maven,
  gradle,
  go,
  tap,
];

/** Null where the output holds neither a test run nor a stack trace. Bounded in time and memory, whatever the length. */
export function parseTestOutput(output: string): TestReport | null {
  const text = stripAnsi(headAndTail(output));
  const whole: Output = { text, lines: text.split('\n').map(short) };
  unprefix(whole.lines);
  for (const parse of PARSERS) {
    const report = parse(whole);
    if (report) {
      return report;
    }
  }
  return onlyFrames(text);
}

/** A report as a runner wrote it to a file: JUnit's XML, TAP or go test's JSON, read whole. Null where it is none of them. */
export function parseReportFile(content: string): TestReport | null {
  const text = stripAnsi(content);
  const whole: Output = { text, lines: text.split('\n').map(short) };
  for (const parse of [junitXml, go, tap]) {
    const report = parse(whole);
    if (report) {
      return report;
    }
  }
  return null;
}

function headAndTail(output: string): string {
  return output.length <= HEAD + TAIL ? output : `${output.slice(0, HEAD)}\n…\n${output.slice(-TAIL)}`;
}

/** A minified bundle in a log is no line to match patterns on. */
function short(line: string): string {
  return line.length > LINE_LIMIT ? line.slice(0, LINE_LIMIT) : line;
}

/** Runners started side by side print `[name] ` before each line. */
function unprefix(lines: string[]): void {
  const prefix = /^\[(?!INFO|ERROR|WARN|DEBUG)[\w:.@/-]{1,30}\] ?/;
  const marked = lines.filter((line) => prefix.test(line)).length;
  if (marked > 0.8 * lines.length) {
    lines.forEach((line, i) => {
      lines[i] = line.replace(prefix, '');
    });
  }
}

function onlyFrames(whole: string): TestReport | null {
  const text = whole.length > 40_000 ? `${whole.slice(0, 8_000)}\n${whole.slice(-32_000)}` : whole;
  const frames = framesIn(text);
  if (frames.length === 0) {
    return null;
  }
  // Python prints the innermost call last.
  if (/^Traceback \(most recent call last\):/m.test(text)) {
    frames.reverse();
  }
  const error =
    /^.*\b(?:\w*(?:Error|Exception)|panic(?:ked)?|FAILED|FAIL|Failure|fatal|error)\b.*$/m.exec(text)?.[0] ??
    '';
  const traceback = /^Traceback[\s\S]*?\n(\w[\w.]*(?:: .*)?)$/m.exec(text)?.[1];
  return {
    runner: 'frames',
    passed: null,
    failed: null,
    failures: [
      { name: '', message: (traceback ?? error).trim().slice(0, 1_000), frames, text: text.slice(0, 20_000) },
    ],
    passedNames: [],
  };
}
