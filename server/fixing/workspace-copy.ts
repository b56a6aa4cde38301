/**
 * A copy of a project in which attempts are tried, so that the developer's files stay untouched. Files are cloned where
 * the file system can; folders of dependencies are not copied but pointed to.
 */
import { createHash } from 'node:crypto';
import {
  constants,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isTestFile } from '../capture/sources/test-code';

const DEPENDENCIES = new Set([
  'node_modules',
  '.venv',
  'venv',
  'bower_components',
  'Pods',
  '.yarn',
  '.bundle',
]);
/** Histories, and what tools make again. */
const LEFT_OUT = new Set(
  '.git .hg .svn .jj __pycache__ .pytest_cache .mypy_cache .ruff_cache .nyc_output coverage .next .nuxt .turbo .parcel-cache .gradle'.split(
    ' ',
  ),
);
const MOST_FILES = 60_000;
const MOST_BYTES = 2e9;
const NAME = 'hindsight-fix-';

export class WorkspaceCopy {
  /** Of each file in the copy: what it was when it was copied. */
  private readonly files = new Map<string, { size: number; changed: number }>();
  private readonly tests = new Map<string, string>();
  private bytes = 0;

  private constructor(
    readonly original: string,
    /** Holds the copy and a folder for temporary files; goes when the copy goes. */
    readonly folder: string,
    readonly root: string,
  ) {}

  /** @throws Error with one sentence where the project is too large to be copied, or the disk is full */
  static async of(original: string): Promise<WorkspaceCopy> {
    await sweep();
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), NAME)));
    const copy = new WorkspaceCopy(original, folder, path.join(folder, path.basename(original) || 'project'));
    try {
      await writeFile(path.join(folder, 'owner'), String(process.pid));
      await mkdir(path.join(folder, 'tmp'));
      await mkdir(copy.root);
      await copy.folderAt('');
      return copy;
    } catch (error) {
      await copy.remove();
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new Error(`There is no room on the disk for a copy of ${original}: make some, or set TMPDIR.`);
      throw error;
    }
  }

  /** Where a path of the project is in the copy. */
  at(file: string): string {
    return path.join(this.root, path.relative(this.original, file));
  }

  /** Puts a text in place of a file of the project. */
  async write(file: string, text: string): Promise<void> {
    await writeFile(this.at(file), text);
    await this.remember(path.relative(this.original, file));
  }

  /**
   * Undoes what a run has changed in the copy's files; what it made besides them stays (caches, build outputs).
   * @returns the test files among what it had changed, told by their hash
   */
  async repair(except: string): Promise<string[]> {
    const own = path.relative(this.original, except);
    const changed: string[] = [];
    for (const [file, was] of this.files) {
      const hash = this.tests.get(file);
      if (
        hash !== undefined
          ? (await hashOf(path.join(this.root, file))) === hash
          : await this.stands(file, was)
      )
        continue;
      if (hash !== undefined) changed.push(file);
      if (file === own) continue;
      await rm(path.join(this.root, file), { force: true, recursive: true });
      await mkdir(path.dirname(path.join(this.root, file)), { recursive: true });
      await this.fileAt(file);
    }
    return changed;
  }

  /** Files of the project itself that have changed since the copy was made. */
  async changedOriginals(): Promise<string[]> {
    const changed: string[] = [];
    for (const [file, hash] of this.tests)
      if ((await hashOf(path.join(this.original, file))) !== hash) changed.push(file);
    return changed;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async stands(file: string, was: { size: number; changed: number }): Promise<boolean> {
    const now = await stat(path.join(this.root, file)).catch(() => null);
    return now !== null && now.size === was.size && now.mtimeMs === was.changed;
  }

  private async remember(file: string): Promise<void> {
    const { size, mtimeMs } = await stat(path.join(this.root, file));
    this.files.set(file, { size, changed: mtimeMs });
  }

  private async folderAt(relative: string): Promise<void> {
    const from = path.join(this.original, relative);
    for (const entry of await readdir(from, { withFileTypes: true })) {
      const name = path.join(relative, entry.name);
      if (entry.isSymbolicLink()) await this.linkAt(name);
      else if (entry.isDirectory()) {
        if (LEFT_OUT.has(entry.name) || (await isCache(path.join(from, entry.name)))) continue;
        await mkdir(path.join(this.root, name));
        if (DEPENDENCIES.has(entry.name)) await this.dependenciesAt(name);
        else await this.folderAt(name);
      } else if (entry.isFile()) await this.fileAt(name);
    }
  }

  private async fileAt(file: string): Promise<void> {
    const [from, to] = [path.join(this.original, file), path.join(this.root, file)];
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await this.remember(file);
    this.bytes += this.files.get(file)!.size;
    if (this.files.size > MOST_FILES || this.bytes > MOST_BYTES)
      throw new Error(
        `${this.original} is too large to be copied (over ${MOST_FILES} files or ${MOST_BYTES / 1e9} GB): run the command in a smaller folder.`,
      );
    if (isTestFile(file)) this.tests.set(file, await hashOf(to));
  }

  /** A link into the project points into the copy. */
  private async linkAt(name: string): Promise<void> {
    const target = await readlink(path.join(this.original, name));
    const absolute = path.resolve(path.dirname(path.join(this.original, name)), target);
    const inside = !path.relative(this.original, absolute).startsWith('..');
    await symlink(inside ? this.at(absolute) : absolute, path.join(this.root, name));
  }

  /**
   * Installed packages are pointed to one by one: those that are parts of this project (a monorepo's workspaces are links)
   * must be the copy's, or the attempt would never be run.
   */
  private async dependenciesAt(name: string): Promise<void> {
    const from = path.join(this.original, name);
    for (const entry of await readdir(from, { withFileTypes: true })) {
      const each = path.join(name, entry.name);
      if (entry.isSymbolicLink()) await this.linkAt(each);
      else if (entry.isDirectory() && entry.name.startsWith('@')) {
        await mkdir(path.join(this.root, each));
        await this.dependenciesAt(each);
      } else if (entry.name !== '.cache' && entry.name !== '.vite' && entry.name !== '.vitest')
        await symlink(path.join(from, entry.name), path.join(this.root, each));
    }
  }
}

/** Folders that their tool marks as made again at any time (Cargo's target, pytest's cache). */
async function isCache(folder: string): Promise<boolean> {
  return (await lstat(path.join(folder, 'CACHEDIR.TAG')).catch(() => null)) !== null;
}

async function hashOf(file: string): Promise<string> {
  const bytes = await readFile(file).catch(() => null);
  return bytes === null ? '' : createHash('sha256').update(bytes).digest('hex');
}

/** Removes copies whose owner was killed. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(NAME)) continue;
    const folder = path.join(tmpdir(), name);
    const owner = Number(await readFile(path.join(folder, 'owner'), 'utf8').catch(() => Number.NaN));
    if (Number.isInteger(owner) && owner > 0 && !isAlive(owner))
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
