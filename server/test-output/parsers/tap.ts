/** The Test Anything Protocol: node:test, vitest, mocha, tape, tap, prove. Subtests are indented, or in braces. */
import { framesIn } from '../frames';
import { dedent, failureFrom, type Parser, type TestFailure } from '../report';
import { withCrashes } from './node-crash';

const RESULT = /^(\s*)(not )?ok\b(?: (\d+))?(?: -)? ?(.*?)(?: # ?(?:time=.*?|(skip|todo)\b.*?))?( \{)?$/i;

interface Result {
  indent: number;
  ok: boolean;
  name: string;
  group: boolean;
  lines: string[];
}

export const tap: Parser = ({ lines }) => {
  const results: Result[] = [];
  const subtests: { indent: number; name: string }[] = [];
  let current: Result | null = null;
  let plan = false;
  for (const line of lines) {
    plan ||= /^(?:TAP version \d+|\s*1\.\.\d+)/.test(line);
    const subtest = /^(\s*)# Subtest: (.*)$/.exec(line);
    const match = subtest ? null : RESULT.exec(line);
    if (subtest) {
      leave(subtests, subtest[1]!.length);
      subtests.push({ indent: subtest[1]!.length, name: subtest[2]!.trim() });
      current = null;
    } else if (match) {
      const indent = match[1]!.length;
      leave(subtests, indent);
      const own = match[4]!.trim();
      const path = subtests.map((s) => s.name);
      // node announces a test by its name first; braces announce what is in them.
      const name = [...path, own].join(' > ');
      current = {
        indent,
        ok: !match[2] || match[5] !== undefined,
        name,
        group: match[6] !== undefined,
        lines: [],
      };
      // The group's own result comes after its tests.
      current.group ||= (results[results.length - 1]?.indent ?? 0) > indent;
      results.push(current);
      if (match[6]) {
        subtests.push({ indent, name: own });
      }
    } else if (/^\s*(?:\}|1\.\.\d+|# (?:tests|pass|fail|suites)\b)/.test(line)) {
      current = null;
    } else {
      current?.lines.push(line);
    }
  }
  const tests = results.filter((result) => !result.group);
  if (!plan || results.length === 0) {
    return null;
  }
  const failed = tests.filter((result) => !result.ok);
  return {
    runner: 'tap',
    passed: tests.length - failed.length,
    failed: failed.length,
    failures: [...withCrashes(failed.map(toFailure), lines)],
    passedNames: tests.filter((result) => result.ok).map((result) => result.name),
  };
};

function leave(groups: { indent: number }[], indent: number): void {
  while (groups.length > 0 && groups[groups.length - 1]!.indent >= indent) {
    groups.pop();
  }
}

function toFailure({ name, lines }: Result): TestFailure {
  const yaml = dedent(lines);
  const value = (key: string) =>
    new RegExp(`^ *${key}: *(?:\\|-?\\n((?:  .*\\n| *\\n)+)|(.*))`, 'm').exec(yaml)?.slice(1).find(Boolean) ??
    '';
  const unquote = (text: string) => text.trim().replace(/^(['"])(.*)\1$/s, '$2');
  const type = unquote(value('name'));
  const text = unquote(value('message') || value('error').replace(/^\s*$/, ''));
  // Where the test stands is no frame of the failure, but better than none.
  const failure = failureFrom(
    name,
    lines.filter((line) => !/^\s*location:/.test(line)),
    {
      message: text ? `${type ? `${type}: ` : ''}${dedent(text.split('\n'))}` : undefined,
    },
  );
  return failure.frames.length > 0 ? failure : { ...failure, frames: framesIn(yaml) };
}
