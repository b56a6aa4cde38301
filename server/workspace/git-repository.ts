/** Which branch a file's repository is on: a change of it explains changes of files. */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** How long an answer is believed, in ms: a checkout rewrites files within that of moving HEAD. */
const FRESH_MS = 250;

export class GitHeads {
  private readonly folders = new Map<string, string | null>();
  private readonly heads = new Map<string, { at: number; head: string | null }>();

  constructor(private readonly now: () => number) {}

  /** Content of HEAD (a branch's name, or a commit) of the repository around a file; null outside of one. */
  headOf(path: string): string | null {
    const folder = dirname(path);
    let git = this.folders.get(folder);
    if (git === undefined) {
      git = findGit(folder);
      this.folders.set(folder, git);
    }
    if (git === null) {
      return null;
    }
    const known = this.heads.get(git);
    if (known && this.now() - known.at < FRESH_MS) {
      return known.head;
    }
    const head = read(join(git, 'HEAD'));
    this.heads.set(git, { at: this.now(), head });
    return head;
  }
}

function findGit(start: string): string | null {
  for (let at = start; ; at = dirname(at)) {
    const git = gitFolderIn(at);
    if (git !== null || dirname(at) === at) {
      return git;
    }
  }
}

/** Git's own folder of a checkout that begins in `folder`; null where none does. */
function gitFolderIn(folder: string): string | null {
  const git = join(folder, '.git');
  const found = look(git);
  if (found?.isDirectory()) {
    return git;
  }
  // A worktree or submodule: a file that says where the folder is.
  const pointer = found?.isFile() ? /^gitdir: (.+)$/m.exec(read(git) ?? '')?.[1] : undefined;
  return pointer ? resolve(folder, pointer.trim()) : null;
}

/** Undefined too where the disk refuses to say. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A pointer or a branch's name is short; a checkout may bring a file of any size by that name. */
const MOST_BYTES = 4_096;

function read(file: string): string | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(descriptor).isFile()) {
      return null;
    }
    const bytes = Buffer.alloc(MOST_BYTES);
    return bytes.subarray(0, readSync(descriptor, bytes)).toString('utf8').trim();
  } catch {
    return null;
  } finally {
    if (descriptor !== undefined) {
      closeSync(descriptor);
    }
  }
}
