/** A lock between processes: a file with its owner's number, which the owner touches while it works. */
import { readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

/** An owner touches its lock so often, in milliseconds. */
const beat = 5_000;
/** Longest silence of an owner that is at work, in milliseconds. */
const longestSilence = 60_000;
/** A process that waits looks so often, in milliseconds. */
const wait = 200;

/** Marks a file as used now; false where there is none. */
export function touch(path: string): boolean {
  try {
    utimesSync(path, new Date(), new Date());
    return true;
  } catch {
    return false;
  }
}

/**
 * Does `work` while this process owns the lock file `lock`; the others wait. A lock whose owner died, or that it has not
 * touched for long, counts for nothing.
 *
 * @param unneeded asked before and after waiting: true where another process has done the work
 * @param onWait called once where another process owns the lock
 * @throws Error when the lock cannot be written, and whatever `work` throws
 */
export async function withLockFile(
  lock: string,
  work: () => Promise<void>,
  unneeded: () => boolean = () => false,
  onWait: () => void = () => undefined,
): Promise<void> {
  for (let waits = 0; ; ) {
    if (unneeded()) return;
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (isAbandoned(lock)) rmSync(lock, { force: true });
      else {
        if (waits++ === 0) onWait();
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
      continue;
    }
    const touching = setInterval(() => touch(lock), beat);
    try {
      if (!unneeded()) await work();
    } finally {
      clearInterval(touching);
      if (ownsLock(lock)) rmSync(lock, { force: true });
    }
    return;
  }
}

/** Whether this process is the last that took the lock: one that was silent for too long has lost it. */
export function ownsLock(lock: string): boolean {
  try {
    return readFileSync(lock, 'utf8') === String(process.pid);
  } catch {
    return false;
  }
}

function isAbandoned(lock: string): boolean {
  try {
    if (Date.now() - statSync(lock).mtimeMs > longestSilence) return true;
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
