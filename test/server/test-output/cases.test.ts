/** Outputs from public reports on which parsers fell short, with what must be read in each. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, win32 } from 'node:path';
import { framesIn } from '../../../server/test-output/frames';
import { placeOf, samePath } from '../../../server/test-output/places';
import { understandRun } from '../../../server/test-output/understand-run';
import { ROOT } from '../../root';

const CASES = join(ROOT, 'test/fixtures/cases/runs');
const text = (name: string) => readFileSync(join(CASES, name), 'utf8');
const json = <T>(name: string) => JSON.parse(text(name)) as T;

interface Expected {
  runner: string | null;
  outcome: string;
  failures: { name: string; file?: string; message: string; frames: string[] }[];
}

const EXPECTED = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/cases/runs.expected.json'), 'utf8'),
) as Record<string, Expected>;

describe('cases of test output', () => {
  it('are all expected', () => {
    const files = readdirSync(CASES).filter((name) => !name.endsWith('.json'));
    assert.deepEqual(Object.keys(EXPECTED).sort(), files.sort());
  });

  for (const [file, expected] of Object.entries(EXPECTED)) {
    it(file, () => {
      const { runner, outcome, failures } = understandRun({
        output: text(file),
        isReport: file.endsWith('.xml'),
      });
      const read = {
        runner,
        outcome,
        failures: failures.map(({ name, file: own, message, frames }) => ({
          name,
          ...(own ? { file: own } : {}),
          message,
          frames: frames.map((frame) => `${frame.file}:${frame.line}`),
        })),
      };
      assert.deepEqual(read, expected);
    });
  }

  it('a search that ends badly is no run, with its command or without', () => {
    for (const command of ['grep -rn Error src logs', '']) {
      const { runner, outcome, failures } = understandRun({
        output: text('grep-is-no-test.txt'),
        command,
        exitCode: 2,
      });
      assert.deepEqual([runner, outcome, failures], [null, 'unknown', []]);
    }
    assert.equal(
      understandRun({ output: text('jest-windows.txt'), command: 'cat log.txt', exitCode: 1 }).runner,
      null,
    );
  });

  it('a run that passes its tests and fails otherwise is not green', () => {
    assert.equal(understandRun({ output: text('jest-obsolete.txt'), exitCode: 1 }).outcome, 'unknown');
    assert.equal(understandRun({ output: text('jest-obsolete.txt'), exitCode: 0 }).outcome, 'green');
  });

  it('places in lines', () => {
    for (const { line, file } of json<{ line: string; file: string | null }[]>('frame-paths.json')) {
      assert.equal(framesIn(line)[0]?.file ?? null, file, line);
    }
  });

  it('paths of Windows', () => {
    const cwd = 'c:\\Users\\dev\\shop';
    for (const { printed, path, same } of json<{ printed: string; path: string; same: boolean }[]>(
      'windows-paths.json',
    )) {
      const there = [path, join(cwd, 'other.ts')];
      const exists = (file: string) => there.some((one) => samePath(one, file, win32));
      const place = placeOf(printed, { cwd, exists, files: () => there, path: win32 });
      assert.equal(place !== null && samePath(place, path, win32), same, printed);
    }
  });
});
