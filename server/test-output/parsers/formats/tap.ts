/** The Test Anything Protocol: node:test, vitest, mocha, tape, tap, prove -v. Subtests are indented, or in braces. */
import { dedent, failureFrom, unquoted, yamlValue } from '../../blocks';
import { framesIn } from '../../frames';
import type { Frame, RunParser, TestFailure } from '../../report';
import { withCrashes } from '../javascript/node-crash';

const RESULT = /^( *)(not )?ok\b(?: (\d{1,9}))?(?: -(?= |$))? ?(.*)$/;
const PLAN = /^(?:TAP version \d+|\s*1\.\.\d+)/;

interface Result {
  indent: number;
  ok: boolean;
  name: string;
  group: boolean;
  lines: string[];
}

export const tap: RunParser = {
  runner: 'tap',
  marks: PLAN,
  begins: /^TAP version \d+/,
  parse({ lines }) {
    const results = resultsOf(lines);
    if (results.length === 0) return null;
    const tests = results.filter((result) => !result.group);
    const failed = tests.filter((result) => !result.ok);
    return {
      passed: tests.length - failed.length,
      failed: failed.length,
      failures: [...withCrashes(failed.map(toFailure), lines)],
      passedNames: tests.filter((result) => result.ok).map((result) => result.name),
      ...(lines.some((line) => /^Bail out!/.test(line)) ? { verdict: 'red' as const } : {}),
    };
  },
};

function resultsOf(lines: readonly string[]): Result[] {
  const results: Result[] = [];
  const subtests: { indent: number; name: string }[] = [];
  let current: Result | null = null;
  for (const line of lines) {
    const subtest = /^( *)# Subtest: (.*)$/.exec(line);
    const match = subtest || !/^ *(?:not )?ok\b/.test(line) ? null : RESULT.exec(line);
    if (subtest) {
      leave(subtests, subtest[1]!.length);
      subtests.push({ indent: subtest[1]!.length, name: subtest[2]!.trim() });
      current = null;
    } else if (match) {
      const indent = match[1]!.length;
      leave(subtests, indent);
      const { name: own, excused, opens } = title(match[4]!);
      // node announces a test by its name first; braces announce what is in them.
      const name = [...subtests.map((s) => s.name), own].join(' > ');
      current = { indent, ok: !match[2] || excused, name, group: opens, lines: [] };
      // The group's own result comes after its tests.
      current.group ||= (results[results.length - 1]?.indent ?? 0) > indent;
      results.push(current);
      if (opens) subtests.push({ indent, name: own });
    } else if (/^\s*(?:\}|1\.\.\d+|# (?:tests|pass|fail|suites)\b)/.test(line)) {
      current = null;
    } else {
      current?.lines.push(line);
    }
  }
  return results;
}

/** A result's name, without its time and directives; a brace opens what is in the test. */
function title(text: string): { name: string; excused: boolean; opens: boolean } {
  const opens = text.endsWith(' {') || text === '{';
  const whole = opens ? text.slice(0, -1).trimEnd() : text;
  const hash = whole.lastIndexOf(' #');
  const directive = hash < 0 ? '' : whole.slice(hash + 2).trim();
  const excused = /^(?:skip|todo)\b/i.test(directive);
  const name = excused || /^time=/.test(directive) ? whole.slice(0, hash) : whole;
  return { name: name.trim(), excused, opens };
}

function leave(groups: { indent: number }[], indent: number): void {
  while (groups.length > 0 && groups[groups.length - 1]!.indent >= indent) {
    groups.pop();
  }
}

function toFailure({ name, lines }: Result): TestFailure {
  const yaml = dedent(lines).split('\n');
  const type = unquoted(yamlValue(yaml, 'name'));
  const text = unquoted(yamlValue(yaml, 'message') || yamlValue(yaml, 'error'));
  const values = ['expected', 'actual', 'wanted', 'found', 'diff'].flatMap((key) => {
    const value = yamlValue(yaml, key);
    return value === '' ? [] : [value.includes('\n') ? value : `${key}: ${unquoted(value)}`];
  });
  const said = text && `${type ? `${type}: ` : ''}${dedent(text.split('\n'))}`;
  const shown = values.filter((value) => !said.includes(value));
  // Where the test stands is no frame of the failure, but better than none.
  const failure = failureFrom(
    name,
    lines.filter((line) => !/^\s*location:/.test(line)),
    { message: [said, ...shown].filter(Boolean).join('\n') || undefined },
  );
  const frames = [placeOf(yaml), failure.frames, framesIn(yaml.join('\n'))].find((some) => some.length > 0);
  return { ...failure, frames: frames ?? [] };
}

/** tap's own form: `at:` with `fileName:` and `lineNumber:` below it. */
function placeOf(yaml: readonly string[]): Frame[] {
  const value = (key: string) =>
    yaml
      .map((line) => line.trim())
      .find((line) => line.startsWith(`${key}: `))
      ?.slice(key.length + 2);
  const file = unquoted(value('fileName') ?? '');
  const line = Number(value('lineNumber'));
  return file && line > 0 ? [{ file, line, column: Number(value('columnNumber')) || null }] : [];
}
