/** Runs recorded by test/fixtures/recorded/record.sh, plain and in a terminal. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestFailure, testId } from '../../../server/test-output/report';
import { understandRun } from '../../../server/test-output/understand-run';
import { ROOT } from '../../root';

const filesOf = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.txt'));
const read = (folder: string, file: string) =>
  understandRun({ output: readFileSync(join(folder, file), 'utf8') });

interface Expected {
  runner: string | null;
  outcome: string;
  failures: { name: string; file?: string; message: string; frames: string[] }[];
}

const RECORDED = join(ROOT, 'test/fixtures/recorded');
const WRITTEN = join(ROOT, 'test/fixtures/written');

/** Some runners print another form into a pipe, or say less of a failure in one of both. */
const FORMS_DIFFER = ['node', 'tap', 'prove-verbose'];

for (const [title, folder] of [
  ['recorded runs', RECORDED],
  ['runs written after reports', WRITTEN],
] as const) {
  describe(title, () => {
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
      string,
      Expected
    >;

    it('are all expected', () => assert.deepEqual(Object.keys(expected).sort(), filesOf(folder).sort()));

    for (const file of filesOf(folder)) {
      it(file, () => {
        const { runner, outcome, failures } = read(folder, file);
        const told = failures.map(({ name, file: own, message, frames }) => ({
          name,
          ...(own ? { file: own } : {}),
          message,
          frames: frames.map((frame) => `${frame.file}:${frame.line}`),
        }));
        assert.deepEqual({ runner, outcome, failures: told }, expected[file]);
        for (const failure of told) assert.ok(failure.name !== '' && failure.message !== '', file);
      });
    }
  });
}

describe('recorded runs', () => {
  it('are read alike with colours and without', () => {
    const idsOf = (failures: readonly TestFailure[]) => failures.map(testId).sort();
    for (const plain of filesOf(RECORDED).filter((name) => name.endsWith('-plain.txt'))) {
      const name = plain.slice(0, -'-plain.txt'.length);
      if (FORMS_DIFFER.includes(name)) continue;
      const [one, other] = [read(RECORDED, plain), read(RECORDED, `${name}-tty.txt`)];
      assert.deepEqual([one.runner, one.outcome], [other.runner, other.outcome], name);
      assert.deepEqual(idsOf(one.failures), idsOf(other.failures), name);
    }
  });
});
