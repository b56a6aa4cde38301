/** go test: text, -v and -json; each package's tests, its panics and what does not build. */
import { blocksOf, failureFrom, MOST_FAILURES } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const PACKAGE = /^(ok|FAIL|\?)(?: *\t| +(?=\S+[ \t]+(?:[\d.]+s|\(cached\)|\[)))(\S+)/;
const END = /^\s*--- (PASS|FAIL|SKIP): (.+) \([\d.]+s\)$/;

/** What one package's test program printed. */
interface Section {
  name: string;
  ok: boolean;
  lines: string[];
}

export const go: RunParser = {
  runner: 'go test',
  marks:
    /^(?:ok|FAIL|\?)[ \t]+\S+(?:[ \t]+[\d.]+s|[ \t]+\(cached\)|[ \t]+\[(?:build|setup) failed\]|[ \t]+\[no test|\t)|^--- (?:FAIL|PASS|SKIP): \S+ \(|^panic: test timed out after |^\{"(?:Time|ImportPath|Action)":"/,
  parse({ lines: printed }) {
    const lines = fromJson(printed) ?? printed;
    const builds = buildErrors(lines);
    const sections = sectionsOf(lines);
    const known = sections.filter((section) => section.name !== '' && !isGinkgos(section));
    const reported = sections.map((section) => (isGinkgos(section) ? NONE : testsOf(section)));
    const failures = reported.flatMap((one) => one.failures);
    if (
      known.length === 0 &&
      reported.every((one) => one.failed.length + one.passed.length + one.failures.length === 0) &&
      builds.length === 0
    ) {
      return null;
    }
    const passed = reported.flatMap((one) => one.passed);
    const bad = known.some((section) => !section.ok);
    const green = known.some((section) => section.ok) && !bad;
    // A package that does not build is told by its compiler.
    const silent = sections.flatMap((section, i) =>
      section.ok || isGinkgos(section) || reported[i]!.failures.length > 0 ? [] : silentFailure(section),
    );
    const all = [...failures, ...builds, ...(builds.length > 0 ? [] : silent)];
    return {
      passed: passed.length > 0 || !green ? passed.length : null,
      failed: all.length,
      failures: all,
      passedNames: passed,
      // Without -v it tells of failed tests only.
      uncounted: passed.length === 0,
      // A package's own line says how it ended.
      verdict: green && all.length === 0 ? 'green' : bad ? 'red' : 'unknown',
    };
  },
};

const NONE = { passed: [], failed: [], failures: [] };

/** Ginkgo's suites are tests of go test, but their specs are told by ginkgo.ts. */
function isGinkgos(section: Section): boolean {
  return section.lines.some((line) => /^(?:SUCCESS!|FAIL!) -- \d+ Passed/.test(line));
}

/** The packages' sections; a package that ran again has its last. What is printed behind the last one is a section without a name. */
function sectionsOf(lines: readonly string[]): Section[] {
  const sections = new Map<string, Section>();
  let own: string[] = [];
  for (const line of lines) {
    const end = line.length < 500 ? PACKAGE.exec(line) : null;
    if (!end || line === 'FAIL') {
      own.push(line);
      continue;
    }
    sections.set(end[2]!, { name: end[2]!, ok: end[1] !== 'FAIL', lines: own });
    own = [];
  }
  return [...sections.values(), { name: '', ok: true, lines: own }];
}

function testsOf({ name: scope, lines }: Section): {
  passed: string[];
  failed: string[];
  failures: TestFailure[];
} {
  const said = new Map<string, string[]>();
  const result = new Map<string, string>();
  let current: string | null = null;
  for (const line of lines) {
    const run = /^=== (?:RUN|CONT|NAME) +(\S+)/.exec(line);
    const end = line.length < 500 ? END.exec(line) : null;
    if (run) {
      current = run[1]!;
    } else if (end) {
      result.set(end[2]!, end[1]!);
      current = end[2]!;
    } else if (/^(?:FAIL|PASS)$/.test(line)) {
      current = null;
    } else if (current && !/^=== PAUSE/.test(line)) {
      const own = said.get(current);
      if (own) own.push(line);
      else said.set(current, [line]);
    }
  }
  const names = [...result.keys()];
  const failed = names.filter((name) => result.get(name) === 'FAIL');
  // A test whose subtests failed only repeats them.
  const parents = new Set(
    failed.flatMap((name) => name.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
  );
  // Where the output was cut off behind a test's own line, what it or its subtests say is missing.
  const isCut = (name: string) =>
    scope === '' && name === names[names.length - 1] && !said.get(name)?.some((line) => line.trim() !== '');
  const failures = failed
    .filter((name) => !parents.has(name) && !isCut(name))
    .slice(0, MOST_FAILURES)
    .map((name) => toFailure(name, said.get(name) ?? [], scope));
  const passed = names.filter((name) => result.get(name) === 'PASS');
  return { passed, failed, failures: failures.length > 0 ? failures : timedOut(lines, scope) };
}

/** `panic: test timed out`: the tests that ran, with the stack of the one that was waiting. */
function timedOut(lines: readonly string[], scope: string): TestFailure[] {
  const from = lines.findIndex((line) => /^panic: test timed out after /.test(line));
  if (from < 0) return [];
  const own = lines.slice(from);
  const names = own.slice(1, 30).flatMap((line) => /^\t{1,2}(\S+) \([\w.]+\)$/.exec(line)?.[1] ?? []);
  if (names.length === 0 && scope === '') return [];
  return (names.length > 0 ? names : ['']).map((name) => ({
    ...failureFrom(name, stackOf(name, own), { message: own[0]! }),
    ...(scope ? { scope } : {}),
  }));
}

/** The goroutine in whose stack a test's function is; all of them where it is in none. */
function stackOf(name: string, lines: readonly string[]): readonly string[] {
  const stacks = blocksOf(
    lines,
    (line) => (/^goroutine \d+ /.test(line) ? line : null),
    (line) => line.trim() === '',
  );
  const own =
    name === ''
      ? undefined
      : stacks.find((stack) => stack.lines.some((line) => line.includes(`.${name.split('/')[0]}(`)));
  return own ? [lines[0]!, ...own.lines] : lines;
}

function toFailure(name: string, lines: string[], scope: string): TestFailure {
  const panic = lines.findIndex((line) => /^panic: /.test(line));
  const message = panic >= 0 ? lines[panic]! : lines.map((line) => line.trim()).join('\n');
  return { ...failureFrom(name, lines, { message }), ...(scope ? { scope } : {}) };
}

/** A test program that ended without telling of a test: an exit, a panic before the tests. */
function silentFailure({ name, lines }: Section): TestFailure[] {
  const dead = lines.findIndex((line) => /^fatal error: /.test(line));
  const test = lines.map((line) => /\.(Test\w+)(?:\.func[\d.]+)?\(/.exec(line)?.[1]).find(Boolean);
  if (dead >= 0 && test) {
    const own = stackOf(test, lines.slice(dead));
    return [{ ...failureFrom(test, own, { message: lines[dead]! }), scope: name }];
  }
  const from = lines.findIndex((line) =>
    /^panic: |^exit status \d|^fatal error: |^flag provided but/.test(line),
  );
  return [
    failureFrom(name, from < 0 ? lines.slice(-20) : lines.slice(from), { message: lines[from] ?? 'FAIL' }),
  ];
}

function buildErrors(lines: readonly string[]): TestFailure[] {
  return blocksOf(
    lines,
    (line) => /^# (\S+)/.exec(line)?.[1] ?? null,
    (line) => /^(?:ok|FAIL|PASS|\?|---|===)(?:\s|$)/.test(line),
  )
    .map(({ name, lines: own }) => failureFrom(`build ${name}`, own, { message: own.join('\n') }))
    .filter((failure) => failure.frames.length > 0);
}

/** The text that -json carries in its events, package by package; null where it is no such output. */
function fromJson(lines: readonly string[]): string[] | null {
  if (!lines.some((line) => /^\{"(?:Time|ImportPath|Action)":"/.test(line))) return null;
  const said = new Map<string, string>();
  for (const line of lines) {
    let text = `${line}\n`;
    let of = '';
    if (line.startsWith('{')) {
      try {
        const event = JSON.parse(line) as { Action?: string; Output?: string; Package?: string };
        text = /^(?:build-)?output$/.test(event.Action ?? '') ? (event.Output ?? '') : '';
        of = event.Package ?? '';
      } catch {
        continue; // cut off
      }
    }
    if (text) said.set(of, (said.get(of) ?? '') + text);
  }
  return [...said.values()].join('').split('\n');
}
