/** pytest, in every traceback style. */
import { blocksOf, countOf, failureFrom, type Parser, type TestFailure } from '../report';

const SUMMARY = /^(?:=+ )?(?=.*\b(?:passed|failed|errors?|skipped|no tests ran)\b)[\w ,]+ in [\d.]+s\b/;

export const pytest: Parser = ({ lines }) => {
  const summary = lines.findLast((line) => SUMMARY.test(line));
  const header = lines.some((line) =>
    /^=+ (?:test session starts|FAILURES|ERRORS|short test summary info) =+$/.test(line),
  );
  if (!header && !(summary && /^=|^\d+ (?:passed|failed)/.test(summary))) {
    return null;
  }
  const short = lines.flatMap((line) => {
    const match = /^(?:FAILED|ERROR) (\S+(?:\[.*?\])?)(?: - (.*))?$/.exec(line);
    return match ? [{ id: match[1]!, message: match[2] ?? '' }] : [];
  });
  const sections = blocksOf(
    lines,
    (line) =>
      /^_{3,} (?:ERROR (?:collecting|at setup of|at teardown of) )?(.*?) _{3,}$/.exec(line)?.[1] ?? null,
    (line) => /^=+ .* =+$/.test(line),
  );
  const failures = sections.map((section) => {
    // `Case.test_a[0.5]` stands in the summary as `tests/a.py::Case::test_a[0.5]`.
    const title = section.name.replace(/^[^[]*/, (path) =>
      path.endsWith('.py') ? path : path.replaceAll('.', '::'),
    );
    const id = short.find((s) => s.id === section.name || s.id.endsWith(`::${title}`))?.id;
    return failureFrom(id ?? section.name, section.lines, {
      message: message(section.lines),
      innermostLast: true,
    });
  });
  return {
    runner: 'pytest',
    passed: summary ? countOf(summary, 'passed') : null,
    failed: summary
      ? countOf(summary, 'failed') + countOf(summary, 'error')
      : failures.length || short.length,
    failures: failures.length > 0 ? failures : fromSummary(lines, short),
    passedNames: lines.flatMap((line) => /^(\S+::.*?) PASSED\b/.exec(line)?.[1] ?? []),
  };
};

/** The lines marked E, or what a plain traceback ends with. */
function message(lines: readonly string[]): string {
  const marked = lines.filter((line) => /^E {2,}/.test(line)).map((line) => line.replace(/^E {3}/, ''));
  const last = lines.findLastIndex((line) => /^\w[\w.]*(?:Error|Exception|Failed|Warning)?:? ?/.test(line));
  return (marked.length > 0 ? marked : lines.slice(Math.max(0, last))).join('\n');
}

/** `--tb=line` and `--tb=no`: places and messages in lines of their own. */
function fromSummary(lines: readonly string[], short: { id: string; message: string }[]): TestFailure[] {
  const places = lines.filter((line) => /^\S+\.py:\d+: \w/.test(line));
  return short.map(({ id, message: text }, i) => {
    const place = places.length === short.length ? places[i]! : '';
    const full = /^\S+:\d+: (.*)$/.exec(place)?.[1];
    return failureFrom(id, [place || `${id.split('::')[0]}: ${text}`], { message: full ?? text });
  });
}
