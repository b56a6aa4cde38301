import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownsLock, withLockFile } from '../../../server/base/lock-file';

describe('lock file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-lock-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const lock = join(folder, 'work.lock');

  it('lets one at a time in, and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++inside);
      assert.ok(ownsLock(lock));
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([withLockFile(lock, work), withLockFile(lock, work), withLockFile(lock, work)]);
    assert.equal(most, 1);
    assert.ok(!existsSync(lock));
  });

  it('does not repeat work that another has done while it waited', async () => {
    let done = 0;
    const work = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done += 1;
    };
    let waited = 0;
    const onWait = () => {
      waited += 1;
    };
    await Promise.all([1, 2, 3].map(() => withLockFile(lock, work, () => done > 0, onWait)));
    assert.deepEqual([done, waited], [1, 2]);
  });

  it('takes a lock over whose owner is dead, or has been silent for a minute', async () => {
    // No process has a number as high as this.
    writeFileSync(lock, '99999999');
    let done = 0;
    const work = async () => {
      done += 1;
    };
    await withLockFile(lock, work);
    writeFileSync(lock, String(process.ppid));
    utimesSync(lock, new Date(Date.now() - 61_000), new Date(Date.now() - 61_000));
    await withLockFile(lock, work);
    assert.equal(done, 2);
  });

  it('gives the lock back where the work fails, but not one that another has taken meanwhile', async () => {
    await assert.rejects(
      withLockFile(lock, async () => {
        throw new Error('no room');
      }),
      /no room/,
    );
    assert.ok(!existsSync(lock));
    await withLockFile(lock, async () => {
      writeFileSync(lock, String(process.ppid));
      assert.ok(!ownsLock(lock));
    });
    assert.ok(existsSync(lock));
    rmSync(lock);
  });
});
