/** Printed places as files of the folder a run was started in: below the folder the runner names, in containers, by their last folders. */
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import * as nodePath from 'node:path';
import { placeOf } from './places';

/** Files and folders looked at, at most. */
const MOST_ENTRIES = 20_000;
const FOREIGN = new Set([
  'node_modules',
  '.git',
  '.venv',
  'venv',
  'target',
  'dist',
  'build',
  '__pycache__',
  'vendor',
  '.next',
]);

/**
 * Makes printed files paths: relative to `cwd` where they lie there, else absolute, else as printed. Without `cwd` they stay
 * as printed. `root` is the folder that the runner itself named.
 */
export function placesIn(cwd: string | null): (file: string, root?: string) => string {
  if (cwd === null) return (file) => file;
  let files: string[] | null = null;
  return (file, root) => {
    const path = placeOf(file, {
      cwd,
      root,
      exists: existsSync,
      files: () => {
        files ??= filesBelow(cwd);
        return files;
      },
      path: nodePath,
    });
    return path === null ? file : shown(path, cwd);
  };
}

function shown(path: string, cwd: string): string {
  const inside = nodePath.relative(cwd, path);
  return inside === '' || inside.startsWith('..') || nodePath.isAbsolute(inside) ? path : inside;
}

/** Absolute paths of the files below a folder, without those of packages and version control; some thousands at most. */
export function filesBelow(folder: string): string[] {
  const found: string[] = [];
  const folders = [folder];
  let looked = 0;
  for (let next = folders.shift(); next !== undefined && looked < MOST_ENTRIES; next = folders.shift()) {
    for (const entry of entriesOf(next)) {
      looked++;
      if (entry.isDirectory() && !FOREIGN.has(entry.name)) folders.push(nodePath.join(next, entry.name));
      else if (entry.isFile()) found.push(nodePath.join(next, entry.name));
    }
  }
  return found;
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
