/** pytest, in every traceback style, and across pytest-xdist's workers. */
import { blocksOf, countOf, failureFrom } from '../../blocks';
import type { RunParser, TestFailure } from '../../report';

const COUNTS = /\d (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed)\b|no tests ran/;
const HEADER = /^=+ (?:test session starts|FAILURES|ERRORS|short test summary info) =+$/;

export const pytest: RunParser = {
  runner: 'pytest',
  marks:
    /^=+ (?:test session starts|FAILURES|ERRORS|short test summary info) =+$|^\d+ (?:passed|failed|errors?)\b.* in [\d.]+s\b/,
  begins: /^=+ test session starts =+$/,
  parse({ lines }) {
    const summary = lines.findLast(isSummary);
    if (!summary && !lines.some((line) => HEADER.test(line))) return null;
    const short = lines.flatMap((line) => {
      const match = /^(?:FAILED|ERROR) (\S.*)/.exec(line);
      return match ? [idAndMessage(match[1]!)] : [];
    });
    const sections = blocksOf(lines, titleOf, (line) => /^=+ .* =+$/.test(line) || isSummary(line));
    const taken = new Set<string>();
    const failures = sections.map((section) => {
      const id = idOf(
        section.name,
        section.lines,
        short.filter((one) => !taken.has(one.id)),
      );
      if (id) taken.add(id);
      const lines = section.lines.filter((line) => !/^\[gw\d+\] /.test(line));
      return failureFrom(id ?? section.name, lines, { message: message(lines), innermostLast: true });
    });
    // Cut off below the title of a file: which of its tests it is, is not told yet.
    if (
      !summary &&
      /\.py$/.test(sections[failures.length - 1]?.name ?? '') &&
      !failures[failures.length - 1]?.message
    )
      failures.pop();
    const reported = failures.length > 0 ? failures : fromSummary(lines, short);
    return {
      passed: summary ? countOf(summary, 'passed') : null,
      failed: Math.max(summary ? countOf(summary, 'failed') + countOf(summary, 'error') : 0, reported.length),
      failures: reported.map((failure) => ({ ...failure, file: fileOf(failure) })),
      passedNames: lines.flatMap((line) => passedName(line) ?? []),
    };
  },
};

/** `tests/a.py::test_a PASSED [ 50%]`, of xdist `[gw0] [ 50%] PASSED tests/a.py::test_a`. */
function passedName(line: string): string | null {
  const at = line.includes('::') ? line.lastIndexOf(' PASSED') : -1;
  if (at < 0) return null;
  const name = line.startsWith('[gw') ? line.slice(at + 7) : line.slice(0, at);
  return name.includes('::') ? name.trim() : null;
}

/** `=== 1 failed, 2 passed in 0.62s ===`, or the same without rulers under -q. */
function isSummary(line: string): boolean {
  return (
    / in [\d.]+s\b/.test(line) && /^(?:=+ )?(?:\d+ |no tests )[\w ,]+ in /.test(line) && COUNTS.test(line)
  );
}

/** A failure's title between underscores. */
function titleOf(line: string): string | null {
  if (!line.startsWith('___') || !line.endsWith('___')) return null;
  const title = line.replace(/^_+/, '').replace(/ _+$/, '');
  return title.startsWith(' ')
    ? title.trim().replace(/^ERROR (?:collecting|at setup of|at teardown of) /, '')
    : null;
}

/** `tests/a.py::test_a[x - y] - message`: a parameter's text may hold the separator too. */
function idAndMessage(text: string): { id: string; message: string } {
  const open = text.indexOf('[');
  const close =
    open < 0
      ? -1
      : text.indexOf('] - ', open) >= 0
        ? text.indexOf('] - ', open)
        : text.endsWith(']')
          ? text.length - 1
          : -1;
  const dash = text.indexOf(' - ');
  const end = close >= 0 && (dash < 0 || open < dash) ? close + 1 : dash < 0 ? text.length : dash;
  return { id: text.slice(0, end).trim(), message: text.slice(end).replace(/^ - /, '') };
}

/** The id in the summary for a section's title: `Case.test_a[0.5]` stands there as `tests/a.py::Case::test_a[0.5]`. */
function idOf(title: string, lines: readonly string[], short: readonly { id: string }[]): string | undefined {
  const crashed = lines.find((line) => /^worker 'gw\d+' crashed while running /.test(line));
  const bracket = title.indexOf('[');
  const path = bracket < 0 ? title : title.slice(0, bracket);
  const name = (path.endsWith('.py') ? path : path.replaceAll('.', '::')) + title.slice(path.length);
  const fits = short.filter(
    ({ id }) => id === title || id.endsWith(`::${name}`) || crashed?.includes(`'${id}'`),
  );
  // Same-named tests in several files: a section names its file in its frames.
  const named = fits.find(({ id }) => lines.some((line) => line.includes(id.split('::')[0]!)));
  return (named ?? fits[0])?.id ?? crashed?.slice(crashed.indexOf(" running '") + 10, -1);
}

function fileOf(failure: TestFailure): string | undefined {
  const file = failure.name.split('::')[0]!;
  return /\.py$/.test(file) ? file : undefined;
}

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
    const full = /^\S+:\d+: (.*)/.exec(place)?.[1];
    return failureFrom(id, [place || `${id.split('::')[0]}: ${text}`], { message: full ?? text });
  });
}
