/** Runs recorded by test/fixtures/recorded/record.sh, plain and in a terminal. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestFailure, testId } from '../../../server/test-output/report';
import { understandRun } from '../../../server/test-output/understand-run';
import { ROOT } from '../../root';

const FOLDER = join(ROOT, 'test/fixtures/recorded');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
const read = (file: string) => understandRun({ output: readFileSync(join(FOLDER, file), 'utf8') });

interface Expected {
  runner: string | null;
  outcome: string;
  failures: { name: string; file?: string; message: string; frames: string[] }[];
}
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Expected>;

/** Some runners print another form into a pipe, or say less of a failure in one of both. */
const FORMS_DIFFER = ['node', 'tap', 'prove-verbose'];

describe('recorded runs', () => {
  it('are all expected', () => assert.deepEqual(Object.keys(expected).sort(), [...files].sort()));

  for (const file of files) {
    it(file, () => {
      const { runner, outcome, failures } = read(file);
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

  it('are read alike with colours and without', () => {
    const idsOf = (failures: readonly TestFailure[]) => failures.map(testId).sort();
    for (const plain of files.filter((name) => name.endsWith('-plain.txt'))) {
      const name = plain.slice(0, -'-plain.txt'.length);
      if (FORMS_DIFFER.includes(name)) continue;
      const [one, other] = [read(plain), read(`${name}-tty.txt`)];
      assert.deepEqual([one.runner, one.outcome], [other.runner, other.outcome], name);
      assert.deepEqual(idsOf(one.failures), idsOf(other.failures), name);
    }
  });
});
