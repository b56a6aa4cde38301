/** ScalaTest and munit under sbt, and other frameworks by sbt's own counts. */
import { countAfter, countOf, failureFrom, unique } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const LEVEL = /^\[(?:info|error|warn)\] ?/;
const TESTS = /^Tests: succeeded \d+, failed \d+/;
const SBT = /^(?:Failed|Passed|Error): Total \d+, Failed \d+, Errors \d+, Passed \d+/;

export const scalatest: RunParser = {
  runner: 'sbt test',
  marks:
    /^(?:\[(?:info|error)\] )?(?:Tests: succeeded \d+, failed \d+|(?:Failed|Passed|Error): Total \d+, Failed \d+, Errors \d+)/,
  parse({ lines: printed }) {
    const lines = printed.map((line) => line.replace(LEVEL, ''));
    // ScalaTest counts each project, sbt counts it again.
    const own = lines.filter((line) => TESTS.test(line));
    const sbt = lines.filter((line) => SBT.test(line));
    const aborted = lines.filter((line) => /^\*{3} (?:ABORTED|\d+ SUITES? ABORTED)/.test(line)).length;
    const sum = (some: readonly string[], count: (line: string) => number) =>
      some.reduce((n, line) => n + count(line), 0);
    const failed = Math.max(
      sum(own, (line) => countOf(line.replace(/failed (\d+)/, '$1 failed'), 'failed')),
      sum(
        sbt,
        (line) =>
          countAfter(
            line.replace(/Failed (\d+)/, 'Failed: $1').replace(/^Failed: Total/, 'Total'),
            'Failed',
          ) + countAfter(line.replace(/Errors (\d+)/, 'Errors: $1'), 'Errors'),
      ),
    );
    const passed =
      own.length > 0
        ? sum(own, (line) => Number(/succeeded (\d+)/.exec(line)![1]))
        : sum(sbt, (line) => Number(/Passed (\d+)/.exec(line)![1]));
    const failures = unique([...failedTests(lines), ...munit(lines)]);
    return { passed, failed: Math.max(failed, failures.length, aborted), failures, passedNames: [] };
  },
};

/** `- takes half *** FAILED ***` under its suite and its scopes, by indentation; what it says is indented more. */
function failedTests(lines: readonly string[]): TestFailure[] {
  const failures: TestFailure[] = [];
  let suite = '';
  let scopes: { indent: number; name: string }[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const indent = line.length - line.trimStart().length;
    const test = /^ *- (.*)/.exec(line)?.[1]?.split(' *** FAILED ***', 1)[0];
    if (/^[\w.$]+:$/.test(line)) {
      suite = line.slice(0, -1);
      scopes = [];
    } else if (test === undefined) {
      scopes = scopes.filter((scope) => scope.indent < indent);
      if (/^ *[A-Z\w].*/.test(line) && !/[.:!]$/.test(line)) scopes.push({ indent, name: line.trim() });
    } else if (line.includes(' *** FAILED ***')) {
      const rest = lines.slice(i + 1);
      const end = rest.findIndex(
        (one) => one.length - one.trimStart().length < indent + 2 || /^ *- /.test(one),
      );
      const own = rest.slice(0, end < 0 ? rest.length : end);
      const names = scopes.filter((scope) => scope.indent <= indent).map((scope) => scope.name);
      const name = [...names, test].join(' ');
      failures.push(failureFrom(suite ? `${suite} > ${name}` : name, own, { message: message(own) }));
    }
  }
  return failures;
}

function message(lines: readonly string[]): string {
  const end = lines.findIndex((line) => /^\s*(?:at |\.\.\.)/.test(line));
  return lines
    .slice(0, end < 0 ? 20 : end)
    .map((line) => line.trim())
    .join('\n');
}

/** munit: `==> X shop.CartSuite.takes half  0.01s munit.ComparisonFailException: /a/CartSuite.scala:12`. */
function munit(lines: readonly string[]): TestFailure[] {
  return lines.flatMap((line, i) => {
    const match = /^==> X (\S.*?) {1,2}[\d.]+s (.*)/.exec(line);
    if (!match) return [];
    const rest = lines.slice(i + 1);
    const end = rest.findIndex((one) => /^(?:==> |\S+:$|\S.*\d Tests?:)/.test(one) || SBT.test(one));
    const own = [match[2]!, ...rest.slice(0, end < 0 ? rest.length : end)];
    return [failureFrom(match[1]!, own, { message: message(own) })];
  });
}
