/** The files of the project that a run's failures point at, found and read without holding the event loop up. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import * as nodePath from 'node:path';
import { placeOf } from '../../test-output/places';
import type { Frame, TestFailure } from '../../test-output/report';
import type { CapturePolicy } from '../policy';
import { isTestFile, testAt } from './test-code';

/** Longer files are not read, in bytes. */
const MOST_BYTES = 1_000_000;
/** Places looked up for one run. */
const MOST_FRAMES = 300;
/** Entries of folders that are listed for one run. */
const MOST_ENTRIES = 20_000;
/** Folders of packages, version control and what is built. */
const FOREIGN = new Set([
  'node_modules',
  '.git',
  '.hg',
  '.svn',
  '.venv',
  'venv',
  'site-packages',
  'target',
  'dist',
  'build',
  'out',
  '__pycache__',
  'vendor',
  '.next',
  '.gradle',
]);

interface ProjectFile {
  path: string;
  /** Null where it may not be read. */
  lines: string[] | null;
}

export class RunFiles {
  private constructor(private readonly byFrame: ReadonlyMap<string, ProjectFile>) {}

  /**
   * Finds and reads the files; frames outside of the workspace folders, and in its packages, have none.
   * @param known paths of files that are there, by which a printed path may be recognised
   */
  static async load(
    failures: readonly TestFailure[],
    cwd: string,
    policy: CapturePolicy,
    known: readonly string[] = [],
  ): Promise<RunFiles> {
    const byFrame = new Map<string, ProjectFile>();
    const printed = new Map<string, { file: string; root: string | undefined }>();
    for (const { frames, root } of failures) {
      for (const { file } of frames) {
        printed.set(keyOf(file, root), { file, root });
      }
    }
    if (printed.size === 0) {
      return new RunFiles(byFrame);
    }
    const ground = await groundOf(cwd, policy.folders, known);
    const folders = await Promise.all(policy.folders.map((folder) => realpath(folder).catch(() => folder)));
    const byPath = new Map<string, ProjectFile | null>();
    for (const [key, { file, root }] of [...printed].slice(0, MOST_FRAMES)) {
      await ground.look(file, root);
      const path = placeOf(file, { cwd, root, exists: ground.exists, files: ground.files, path: nodePath });
      if (path === null) {
        continue;
      }
      if (!byPath.has(path)) {
        byPath.set(path, await read(path, folders, policy).catch(() => null));
      }
      const found = byPath.get(path);
      if (found) {
        byFrame.set(key, found);
      }
    }
    return new RunFiles(byFrame);
  }

  /** The paths of a failure's files. */
  pathsOf(failure: TestFailure): string[] {
    return failure.frames.flatMap((frame) => this.pathOf(frame, failure) ?? []);
  }

  /** The file of the project that a frame is in; null where it is in none. */
  pathOf(frame: Frame, failure: TestFailure): string | null {
    return this.byFrame.get(keyOf(frame.file, failure.root))?.path ?? null;
  }

  /** The test's own code around a frame, from where the test begins; null where it may not be read. */
  source(frame: Frame, failure: TestFailure): string | null {
    const lines = this.byFrame.get(keyOf(frame.file, failure.root))?.lines;
    return lines ? testAt(lines, frame.line - 1).code : null;
  }

  /** Whether a frame is in a test's code rather than in what is tested. */
  isTest(frame: Frame, failure: TestFailure): boolean {
    const file = this.byFrame.get(keyOf(frame.file, failure.root));
    return file !== undefined && (isTestFile(file.path) || testAt(file.lines ?? [], frame.line - 1).isTest);
  }
}

function keyOf(file: string, root: string | undefined): string {
  return `${root ?? ''}\0${file}`;
}

/** What there is of files, so that places can be compared without asking the disk. */
async function groundOf(cwd: string, folders: readonly string[], known: readonly string[]) {
  const files = new Set(known);
  let looked = 0;
  const queue = [...folders];
  for (let next = queue.shift(); next !== undefined && looked < MOST_ENTRIES; next = queue.shift()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      looked++;
      const path = nodePath.join(next, entry.name);
      if (entry.isDirectory() && !FOREIGN.has(entry.name)) queue.push(path);
      else if (entry.isFile()) files.add(path);
    }
  }
  const others = new Set<string>();
  return {
    /** Whether the places where a printed file lies first are there: what is beyond the listing, or built. */
    async look(file: string, root: string | undefined): Promise<void> {
      const bases = nodePath.isAbsolute(file) ? [''] : [root, cwd].filter((base) => base !== undefined);
      for (const base of bases) {
        const path = nodePath.resolve(base, file);
        if (!files.has(path) && (await stat(path).catch(() => null))?.isFile()) others.add(path);
      }
    },
    exists: (path: string) => files.has(path) || others.has(path) || others.has(nodePath.resolve(path)),
    files: () => [...files],
  };
}

async function read(
  path: string,
  folders: readonly string[],
  policy: CapturePolicy,
): Promise<ProjectFile | null> {
  const found = await stat(path);
  // A link that leads out of the workspace leads to no file of the project.
  const real = await realpath(path);
  const folder = folders.find((one) => real.startsWith(one + nodePath.sep));
  const foreign =
    folder &&
    nodePath
      .relative(folder, real)
      .split(nodePath.sep)
      .some((part) => FOREIGN.has(part));
  if (!found.isFile() || found.size >= MOST_BYTES || folder === undefined || foreign) {
    return null;
  }
  const lines = (await policy.mayRead(path)) ? (await readFile(path, 'utf8')).split('\n') : null;
  return { path: nodePath.resolve(path), lines };
}
