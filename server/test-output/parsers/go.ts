/** go test: text, -v and -json. */
import { failureFrom, type Output, type Parser, type TestFailure } from '../report';

export const go: Parser = (output) => {
  const lines = fromJson(output) ?? output.lines;
  if (
    !lines.some(
      (line) =>
        /^(?:ok|FAIL|---|\?)[ \t]+(?:\S+\t|\S+ \[(?:build|setup) failed\]|(?:FAIL|PASS|SKIP): )/.test(line) ||
        /^--- FAIL: /.test(line),
    )
  ) {
    return null;
  }
  const said = new Map<string, string[]>();
  const result = new Map<string, 'PASS' | 'FAIL' | 'SKIP'>();
  const builds: TestFailure[] = [];
  let current: string | null = null;
  let build: string[] | null = null;
  for (const line of lines) {
    const run = /^=== (?:RUN|CONT|NAME) +(\S+)/.exec(line);
    const end = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(/.exec(line);
    const pack = /^# (\S+)/.exec(line);
    if (run) {
      current = run[1]!;
    } else if (end) {
      result.set(end[2]!, end[1] as 'PASS');
      current = end[2]!;
    } else if (pack) {
      build = [];
      builds.push({ name: `build ${pack[1]}`, message: '', frames: [], text: '' });
    } else if (/^(?:ok|FAIL|PASS|\?)(?:\s|$)/.test(line)) {
      finishBuild(builds, build);
      build = null;
      current = null;
    } else if (build) {
      build.push(line);
    } else if (current && !/^=== PAUSE/.test(line)) {
      said.set(current, [...(said.get(current) ?? []), line]);
    }
  }
  const names = [...result.keys()];
  const failed = names.filter((name) => result.get(name) === 'FAIL');
  // A test whose subtests failed only repeats them.
  const leaves = failed.filter((name) => !failed.some((other) => other.startsWith(`${name}/`)));
  const passed = names.filter((name) => result.get(name) === 'PASS');
  const green = lines.some((line) => /^ok\s/.test(line));
  return {
    runner: 'go test',
    passed: passed.length > 0 || !green ? passed.length : null,
    failed: leaves.length + builds.length,
    failures: [...leaves.map((name) => toFailure(name, said.get(name) ?? [])), ...builds],
    passedNames: passed,
  };
};

function finishBuild(builds: TestFailure[], lines: string[] | null): void {
  const last = builds[builds.length - 1];
  if (last && lines) {
    Object.assign(last, failureFrom(last.name, lines, { message: lines.join('\n') }));
  }
}

function toFailure(name: string, lines: string[]): TestFailure {
  const panic = lines.findIndex((line) => /^panic: /.test(line));
  const message = panic >= 0 ? lines[panic]! : lines.map((line) => line.trim()).join('\n');
  return failureFrom(name, lines, { message });
}

/** The text that -json carries in its events; null where it is no such output. */
function fromJson({ text, lines }: Output): string[] | null {
  if (!/^\{"(?:Time|ImportPath|Action)":.*"Action":/m.test(text)) {
    return null;
  }
  let said = '';
  for (const line of lines) {
    try {
      const event = line.startsWith('{') ? (JSON.parse(line) as { Action?: string; Output?: string }) : null;
      said += event
        ? /^(?:build-)?output$/.test(event.Action ?? '')
          ? (event.Output ?? '')
          : ''
        : `${line}\n`;
    } catch {
      // cut off
    }
  }
  return said.split('\n');
}
