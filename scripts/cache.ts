/** The cache outside the checkout: one folder per tool and version, there only when it is complete. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** $HINDSIGHT_CACHE, or the user's cache folder. */
export function cacheRoot(): string {
  if (process.env.HINDSIGHT_CACHE) return process.env.HINDSIGHT_CACHE;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hindsight');
}

/**
 * The folder of a tool, installed on first use. `install` fills a temporary folder, which is renamed when it is
 * complete, so that a run that was cut off leaves nothing half-made behind.
 * @param name folder name with the version in it
 */
export async function ensure(
  name: string,
  what: string,
  install: (folder: string, log: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheRoot(), name);
  if (existsSync(folder)) return folder;
  return withLock(name, async () => {
    if (existsSync(folder)) return folder;
    const started = Date.now();
    console.log(`Installing ${what} into ${folder} …`);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    await install(partial, join(cacheRoot(), 'logs', `${name}.log`));
    renameSync(partial, folder);
    console.log(`Installed ${what} (${Math.round((Date.now() - started) / 1000)} s).`);
    return folder;
  });
}

/** Runs `body` while no other process of this user holds the lock of this name. */
export async function withLock<T>(name: string, body: () => Promise<T>): Promise<T> {
  const lock = join(cacheRoot(), `${name}.lock`);
  mkdirSync(cacheRoot(), { recursive: true });
  for (let told = false; ; await sleep(500)) {
    if (take(lock)) break;
    if (!told) console.log(`Waiting for another run that is installing ${name} …`);
    told = true;
  }
  try {
    return await body();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Creates the lock file with our process id; a lock whose process is gone is removed. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (holderIsGone(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function holderIsGone(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return false;
  } catch (error) {
    // EPERM: alive, but another user's. ENOENT: released just now.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
