/** One folder put in another's place, so that at every moment, a crash included, one of the two can be found. */
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ASIDE = '.aside';

/**
 * Puts a finished folder at `target`; one that is there is replaced. Where that fails the old one is as it was.
 * @throws the file system's error
 */
export async function replaceFolder(finished: string, target: string): Promise<void> {
  restoreFolder(target);
  const aside = `${target}.${process.pid}${ASIDE}`;
  const replaces = existsSync(target);
  await syncFolder(finished);
  if (replaces) await rename(target, aside);
  try {
    await rename(finished, target);
  } catch (error) {
    if (replaces) await rename(aside, target);
    throw error;
  }
  await syncFolder(dirname(target));
  if (replaces) await rm(aside, { recursive: true, force: true });
}

/** Puts back what a process had moved aside that died before it could put the new folder in its place. */
export function restoreFolder(target: string): void {
  const parent = dirname(target);
  if (!existsSync(parent)) return;
  const name = basename(target);
  const asides = readdirSync(parent).filter((one) => one.startsWith(`${name}.`) && one.endsWith(ASIDE));
  if (asides[0] && !existsSync(target)) renameSync(join(parent, asides[0]), target);
}

/** Names reach the disk with the folder that holds them. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
