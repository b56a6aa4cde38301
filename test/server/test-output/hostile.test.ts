/** Lines made to be slow to match: no pattern of the room takes more than a linear time of what it reads. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginsAsReport } from '../../../extension/signals/report-file';
import { screenText, stripAnsi } from '../../../server/base/terminal-text';
import { compilerErrors } from '../../../server/test-output/compilers';
import { framesIn } from '../../../server/test-output/frames';
import { parseReportFile, parseTestOutput } from '../../../server/test-output/read-run';
import { RUNNERS } from '../../../server/test-output/runners';
import { onlyFrames, readRuns } from '../../../server/test-output/runs';
import { streamsOf } from '../../../server/test-output/streams';
import { ROOT } from '../../root';

/** What lines are made of: characters that the patterns repeat, and whole pieces of them. */
const UNITS = [
  'a',
  ' ',
  '\t',
  '(',
  ')',
  '[',
  ']',
  '{',
  '<',
  '>',
  '"',
  "'",
  '`',
  ':',
  '.',
  '/',
  '\\',
  '-',
  '_',
  '=',
  '#',
  '*',
  '0',
  '1:',
  '.a:1',
  '/a.b:1',
  'a ',
  'a-',
  ' > ',
  ' › ',
  ' FAILED',
  ' ... FAILED',
  '# ',
  '- ',
  'at ',
  '(a.js:1:1) ',
  'File "',
  ' line 1',
  ') in ',
  ':line 1',
  '1 failed, ',
  'expected: ',
  'error: ',
  "thread '",
  '│',
  '⎯',
  '─',
  '✓ ',
  '❯ ',
  'x=1 ',
  '| ',
  'aA0',
  '@a/',
  ' => ',
  '::',
  '.py::a[',
  '] - ',
  '1.',
  'a.b(',
  './',
  'a/b ',
  'http://localhost/',
  '(1,1)',
  ' [1 ms]',
  ' (1 ms)',
  ' at a.swift:1:1',
  '.dart 1:1 ',
  'Chrome 1 (a) ',
  ' in 1s',
  '=== ',
  '//',
  '%20',
];
/** How lines begin that a parser looks at closely. */
const HEADS = [
  '',
  '    ',
  ' FAIL  ',
  '--- FAIL: ',
  '    at ',
  '  1) ',
  '# ',
  '#   Failed test ',
  'not ok 1 ',
  'E   ',
  'FAILED ',
  '___ ',
  '---- ',
  'error[E1]: ',
  '  ● ',
  'Tests: ',
  '[ERROR] ',
  '[info] - ',
  '  Failed ',
  'Chrome 1 (',
  '00:00 +1: ',
  '=== FAIL: ',
  '   FAILED  ',
  '(fail) ',
  "Test Case '",
  '/a/b.swift:1: error: ',
  'failed ',
  '    /a/b.cs(1): error TESTERROR: ',
  '==> X ',
  '[ RUN      ] ',
  '        FAIL [   0.004s] ',
  'Executed 1 out of ',
  '✖ ',
  'test at ',
];
const LINE = 999;
/** Milliseconds for 100 KB, at most. */
const BOUND = 50;

type Target = [name: string, read: (text: string) => unknown];
const TARGETS: Target[] = [
  ...RUNNERS.map(
    (parser): Target => [
      parser.runner,
      (text) => {
        const lines = text.split('\n');
        const known = lines.filter((line) => parser.marks.test(line) || parser.begins?.test(line));
        return [known, parser.parse({ text, lines }, () => [])];
      },
    ],
  ),
  ['frames', framesIn],
  ['traces', (text) => onlyFrames(text.split('\n'))],
  ['streams', (text) => streamsOf(text.split('\n'))],
  ['runs', (text) => readRuns(text.split('\n'), RUNNERS)],
  ['compilers', (text) => compilerErrors(text.split('\n'))],
  ['screen', screenText],
];

const lineOf = (head: string, unit: string, length: number) =>
  (head + unit.repeat(Math.ceil(length / unit.length))).slice(0, length);
const textOf = (head: string, length: number) => UNITS.map((unit) => lineOf(head, unit, length)).join('\n');

/** One run of characters behind another: where two parts of a pattern could take both. */
const RUNS = [' ', '0', 'a', '.', ':', '(', '/', "'", '[', 'A.', '1 ', '::'];
const mixedTextOf = (head: string) =>
  RUNS.flatMap((one) =>
    RUNS.filter((other) => other !== one).map((other) => {
      const half = (LINE - head.length) / 2;
      return `${head}${lineOf('', one, half)}${lineOf('', other, half)}`;
    }),
  ).join('\n');

/** The least processor time of some runs, in ms: other programs only ever make one slower. */
function timeOf(work: () => unknown, bound: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && least > bound; i++) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

describe('hostile test output', () => {
  for (const [name, read] of TARGETS) {
    it(`takes ${name} no longer than its length allows`, function () {
      this.timeout(60_000);
      for (const head of HEADS) {
        const text = `${textOf(head, LINE)}\n${mixedTextOf(head)}`;
        const bound = (BOUND * text.length) / 100_000;
        const took = timeOf(() => read(text), bound);
        assert.ok(
          took <= bound,
          `${JSON.stringify(head)}: ${took.toFixed(1)} ms for ${text.length} characters`,
        );
      }
    });
  }

  it('is read in little time between the lines of real outputs', function () {
    this.timeout(60_000);
    const folders = ['runs', 'recorded', 'written', 'cases/runs'].map((folder) =>
      join(ROOT, 'test/fixtures', folder),
    );
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    for (const file of files.filter((name) => name.endsWith('.txt'))) {
      const lines = readFileSync(file, 'utf8').split('\n').slice(0, 120);
      const text = lines
        .map((line, i) => `${line}\n${lineOf('  ', UNITS[(3 * i) % UNITS.length]!, LINE)}`)
        .join('\n');
      const bound = 30 + (BOUND * text.length) / 100_000;
      const took = timeOf(() => parseTestOutput(text), bound);
      assert.ok(took <= bound, `${file}: ${took.toFixed(1)} ms for ${text.length} characters`);
    }
  });

  it('grows with the number of lines and their length, not with its square', function () {
    this.timeout(60_000);
    for (const [name, read] of TARGETS) {
      const parts = HEADS.filter((_head, i) => i % 4 === 0)
        .map((head) => textOf(head, 120))
        .join('\n');
      const long = Array<string>(9).fill(parts).join('\n');
      const [once, ninefold] = [parts, long].map((text) => timeOf(() => read(text), 2)) as [number, number];
      // Nine times a square would be 81.
      assert.ok(
        ninefold < 150 || ninefold < 30 * once,
        `${name}: ${once} ms, nine times as much ${ninefold} ms`,
      );
    }
  });

  it('is read in little time as one line of 4 MB, from a terminal and from a file', function () {
    this.timeout(60_000);
    const begins = [
      '',
      '<testsuites>',
      'TAP version 13\nnot ok 1 ',
      '{"Time":"',
      '<testsuite><testcase name="',
      '<?xml ',
      '<!--',
    ];
    for (const unit of [
      'a',
      ' ',
      '<',
      '<a ',
      '"',
      '&amp;',
      '<testcase ',
      '<!--',
      '-->',
      '<![CDATA[',
      'x="1" ',
      '\u001b[',
      '\u001b]',
      '\r',
      '.a:1',
    ]) {
      for (const begin of begins) {
        const text = begin + unit.repeat(Math.ceil(4e6 / unit.length));
        assert.ok(timeOf(() => parseTestOutput(text), 250) < 250, `terminal: ${begin}${unit}`);
        assert.ok(timeOf(() => beginsAsReport(text.slice(0, 4096)), 5) < 5, `beginning: ${begin}${unit}`);
      }
    }
  });

  it('is told to be no report in little time, whatever stands before the first element', () => {
    for (const unit of ['<!---->', '<!-- a -->\n', '<?a?>', '<!--', '<?xml ', ' ']) {
      for (const length of [40, 4_096, 400_000]) {
        const head = unit.repeat(length / unit.length + 1);
        assert.ok(timeOf(() => beginsAsReport(`${head}x`), 50) < 50, `${unit} of ${length}`);
      }
    }
    const comments = '<!-- a -->\n'.repeat(40);
    assert.equal(beginsAsReport(`\uFEFF<?xml version="1.0"?>\n${comments}<testsuite name="a">`), true);
    assert.equal(beginsAsReport(`<?xml version="1.0"?>${comments}<project>`), false);
  });

  it('escape codes are taken off in linear time', () => {
    for (const unit of [
      '\u001b',
      '\u001b[',
      '\u001b[0',
      '\u001b];',
      '\u001b]8;;a',
      '\u009b',
      '\u001b[1A',
      '\u001b[1D',
      'a\u001b[2D',
      '\r',
      '\u001b[K',
      '\u001b[2J',
      '\n\u001b[1A',
    ]) {
      const text = unit.repeat(400_000 / unit.length);
      for (const strip of [stripAnsi, screenText]) {
        const took = timeOf(() => strip(text), 200);
        assert.ok(took <= 200, `${JSON.stringify(unit)}: ${took} ms`);
      }
    }
  });

  it('reports of many suites, cases and failures are read in a time that grows with them', function () {
    this.timeout(60_000);
    const xml = (n: number) =>
      `<testsuites>${'<testsuite name="s"><testcase name="a" classname="b"><failure message="m">at f (a.js:1:1)</failure></testcase></testsuite>'.repeat(n)}</testsuites>`;
    const [once, thrice] = [2_000, 6_000].map((n) => timeOf(() => parseReportFile(xml(n)), 50));
    assert.ok(thrice! < 6 * once! + 50, `${once} ms, ${thrice} ms`);
  });
});
