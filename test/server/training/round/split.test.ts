import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { commitsOf, splitHeldOut } from '../../../../server/training/round/split';
import { event } from '../../learning/events';

const HOUR = 3_600_000;

describe('the split of held-out corrections', () => {
  let repository: string;
  const git = (args: string[], at: number) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: repository,
      env: {
        ...process.env,
        GIT_COMMITTER_DATE: new Date(at).toISOString(),
        GIT_AUTHOR_DATE: new Date(at).toISOString(),
      },
    });
  before(() => {
    repository = mkdtempSync(path.join(tmpdir(), 'hindsight-split-'));
    git(['init', '-q'], 0);
    for (let hour = 1; hour <= 5; hour++) {
      writeFileSync(path.join(repository, 'a.ts'), `${hour}\n`);
      git(['add', '.'], hour * HOUR);
      git(['commit', '-q', '-m', `${hour}`], hour * HOUR);
    }
  });
  after(() => rmSync(repository, { recursive: true, force: true }));

  const uri = (name: string) => pathToFileURL(path.join(repository, name)).href;
  /** Two corrections in the hour before each commit, and after the last. */
  const made = (file: (i: number) => string) =>
    Array.from({ length: 12 }, (_, i) =>
      event({ id: i + 1, uri: uri(file(i)), createdAt: Math.floor(i / 2) * HOUR + HOUR / 2 + i }),
    );

  it('keeps what went into one commit together', async () => {
    const events = made((i) => `f${i}.ts`);
    const commits = await commitsOf(events);
    assert.equal(new Set(commits.values()).size, 6, 'five commits, and what is not committed yet');
    assert.equal(commits.get(1), commits.get(2));
    const { held, by } = splitHeldOut(events, commits);
    assert.equal(by, 'file and commit');
    assert.deepEqual(
      held.map(({ id }) => id),
      [11, 12],
    );
  });

  it('goes by files alone where commits and files all hang together, and outside git', async () => {
    const chained = made((i) => `f${Math.floor((i + 1) / 2)}.ts`);
    const { held, by } = splitHeldOut(chained, await commitsOf(chained));
    assert.equal(by, 'file');
    assert.ok(held.length > 0);
    const elsewhere = made((i) => `f${i}.ts`).map((one) => ({
      ...one,
      uri: `file:///nowhere/${one.id}/a.ts`,
    }));
    assert.equal((await commitsOf(elsewhere)).size, 0);
    assert.equal(splitHeldOut(elsewhere).by, 'file');
  });

  it('never parts a file or a commit, and never takes too much', () => {
    const rows = fc.array(fc.tuple(fc.nat(6), fc.nat(6), fc.nat(1000)), { maxLength: 60 });
    fc.assert(
      fc.property(rows, (list) => {
        const events = list.map(([file, , at], i) =>
          event({ id: i + 1, uri: `file:///${file}`, createdAt: at }),
        );
        const commits = new Map(list.map(([, commit], i) => [i + 1, `c${commit}`]));
        const { train, held, by } = splitHeldOut(events, commits);
        assert.equal(train.length + held.length, events.length);
        assert.ok(held.length <= 0.4 * events.length + 1);
        const files = new Set(train.map((one) => one.uri));
        assert.ok(!held.some((one) => files.has(one.uri)));
        if (by !== 'file and commit') return;
        const trained = new Set(train.map(({ id }) => commits.get(id)));
        assert.ok(!held.some(({ id }) => trained.has(commits.get(id))));
      }),
    );
  });
});
