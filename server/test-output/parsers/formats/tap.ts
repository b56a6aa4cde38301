/** The Test Anything Protocol: node:test, vitest, mocha, tape, tap, prove -v. Subtests are indented, or in braces. */
import { dedent, failureFrom, unquoted, yamlValue } from '../../blocks';
import { framesIn } from '../../frames';
import type { Frame, Outcome, RunParser, TestFailure } from '../../report';
import { withCrashes } from '../javascript/node-crash';

const RESULT = /^( *)(not )?ok\b(?: (\d{1,9}))?(?: -(?= |$))? ?(.*)/;
const PLAN = /^(?:TAP version \d+|\s*1\.\.\d+)/;

interface Result {
  indent: number;
  ok: boolean;
  name: string;
  group: boolean;
  /** Its tests follow in braces. */
  opens: boolean;
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
      ...verdict(lines, results),
    };
  },
};

/** Red where it gave up; nothing is said where fewer tests ended than the plan names, or it names none. */
function verdict(lines: readonly string[], results: readonly Result[]): { verdict?: Outcome } {
  if (lines.some((line) => /^Bail out!/.test(line))) return { verdict: 'red' };
  const planned = lines.flatMap((line) => /^1\.\.(\d{1,9})\b/.exec(line)?.[1] ?? []).pop();
  const ended = results.filter((result) => result.indent === 0).length;
  const opened = results.filter((result) => result.opens).length;
  const closed = lines.filter((line) => /^\s*\}$/.test(line)).length;
  const complete = planned !== undefined && ended >= Number(planned) && closed >= opened;
  return complete ? {} : { verdict: 'unknown' };
}

function resultsOf(lines: readonly string[]): Result[] {
  const results: Result[] = [];
  const subtests: { indent: number; name: string }[] = [];
  let current: Result | null = null;
  let yaml = false;
  for (const line of lines) {
    const mark = line.trim();
    // Between these marks stands what belongs to the test, whatever it looks like.
    if (current && (yaml || mark === '---')) {
      current.lines.push(line);
      yaml = mark !== '...';
      continue;
    }
    const subtest = /^( *)# Subtest: (.*)/.exec(line);
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
      current = { indent, ok: !match[2] || excused, name, group: opens, opens, lines: [] };
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
  const type = unquoted(yamlValue(yaml, 'name') || yamlValue(yaml, 'type'));
  const own = name.slice(name.lastIndexOf(' > ') + 3);
  // tap makes an error's message the test's name.
  const text =
    unquoted(yamlValue(yaml, 'message') || yamlValue(yaml, 'error')) || (/Error$/.test(type) ? own : '');
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
