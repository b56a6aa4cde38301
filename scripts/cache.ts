/** The cache outside the checkout: one folder per tool and version, there only when it is complete. */

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLockFile } from '../server/base/lock-file';

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
  mkdirSync(cacheRoot(), { recursive: true });
  const made: T[] = [];
  await withLockFile(
    join(cacheRoot(), `${name}.lock`),
    async () => void made.push(await body()),
    undefined,
    () => console.log(`Waiting for another run that is installing ${name} …`),
  );
  return made[0]!;
}
