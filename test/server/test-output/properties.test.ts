/** What holds of any output: cut at any line or coloured at any place it never tells of a failure that the whole has not. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { testId } from '../../../server/test-output/report';
import { type Understood, understandRun } from '../../../server/test-output/understand-run';
import { ROOT } from '../../root';

/** Outputs in which a run fails and a later one of the same tests passes: cut between both they are red, and rightly so. */
const WATCHED = ['vitest-watch.txt', 'vitest-watch-real.txt'];
/** The first of two runners is green before the second begins, and nothing in its output says that one follows. */
const FOLLOWED = ['two-runners.txt'];

const files = ['runs', 'recorded', 'written', 'cases/runs'].flatMap((folder) => {
  const path = join(ROOT, 'test/fixtures', folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.txt') && !WATCHED.includes(name))
    .map((name) => join(path, name));
});
const outputs = files.map((file) => {
  const text = readFileSync(file, 'utf8');
  return { file, lines: text.split('\n'), whole: understandRun({ output: text }) };
});
const anyOutput = fc.constantFrom(...outputs);

/** A name without its group, file or package, which may stand in another part of the output. */
const ends = (whole: string, name: string) =>
  whole.endsWith(name) || whole.replaceAll('::', '.').endsWith(name);

function failuresBeyond(part: Understood, whole: Understood): string[] {
  return part.failures.filter(({ name }) => !whole.failures.some((one) => ends(one.name, name))).map(testId);
}

describe('properties of test output', () => {
  it('cut off behind any line', function () {
    this.timeout(60_000);
    fc.assert(
      fc.property(anyOutput, fc.double({ min: 0, max: 1, noNaN: true }), ({ file, lines, whole }, share) => {
        const end = Math.floor(share * lines.length);
        const part = understandRun({ output: lines.slice(0, end).join('\n') });
        // A crash that is printed before any test is named is a failure without a name.
        const named = {
          ...part,
          failures: part.failures.filter(({ name }) => name !== '' || part.runner !== 'frames'),
        };
        assert.deepEqual(failuresBeyond(named, whole), [], `${file} up to line ${end}`);
        const isGreen = part.outcome === 'green' && whole.outcome === 'red';
        assert.ok(
          !isGreen || FOLLOWED.some((name) => file.endsWith(name)),
          `${file} up to line ${end} is green`,
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('coloured at any place', function () {
    this.timeout(60_000);
    const code = fc.constantFrom(
      '\u001b[31m',
      '\u001b[1m\u001b[32m',
      '\u001b[0m',
      '\u001b[38;5;245m',
      '\u001b[38:2::1:2:3m',
      '\u001b]8;;http://x\u0007',
      '\u001b(B',
    );
    const place = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), code);
    const plain = outputs.filter(
      ({ lines }) => !lines.some((line) => line.includes('\u001b') || line.includes('\r')),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...plain),
        fc.array(place, { minLength: 1, maxLength: 60 }),
        ({ file, lines, whole }, places) => {
          let text = lines.join('\n');
          for (const [share, inserted] of places) {
            const at = Math.floor(share * text.length);
            // Not into another code.
            const from = text.lastIndexOf('\u001b', at);
            if (from < 0 || at - from > 20) text = text.slice(0, at) + inserted + text.slice(at);
          }
          const coloured = understandRun({ output: text });
          assert.deepEqual(
            [coloured.runner, coloured.outcome, coloured.failures],
            [whole.runner, whole.outcome, whole.failures],
            file,
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('with a prefix before each line', function () {
    this.timeout(60_000);
    const single = outputs.filter(
      ({ whole }) => whole.runner !== null && whole.runner !== 'frames' && !whole.runner.includes(' + '),
    );
    const prefix = fc.constantFrom(
      '[test] ',
      'web-1  | ',
      '2026-11-25T22:00:00.1234567Z ',
      '22:00:00 ',
      'build\tRun tests\t2026-11-25T22:00:00.1234567Z ',
    );
    const unmarked = single.filter(
      ({ lines }) =>
        !lines.some((line) => line.includes('\r') || /^(?:\S+:\S+: |\S+ \w+: |\[\w+\] )/.test(line)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...unmarked), prefix, ({ file, lines, whole }, mark) => {
        const part = understandRun({ output: lines.map((line) => mark + line).join('\n') });
        assert.deepEqual(
          [part.runner, part.outcome, part.failures.map(testId)],
          [whole.runner, whole.outcome, whole.failures.map(testId)],
          `${file} behind ${mark}`,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('any text at all is read without an error', function () {
    this.timeout(60_000);
    const words = fc.constantFrom(...outputs.flatMap(({ lines }) => lines.slice(0, 40)));
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }), (lines) => {
        const { outcome, failures } = understandRun({ output: lines.join('\n') });
        assert.ok(outcome !== 'green' || failures.length === 0);
        understandRun({ output: lines.join('\n'), isReport: true });
      }),
      { numRuns: 1_500 },
    );
  });
});
