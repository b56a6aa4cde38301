/** The files of the project that a run's failures point at, read without holding the event loop up. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { Frame, TestFailure } from '../../test-output/report';
import type { CapturePolicy } from '../policy';

/** Longer files are not read, in bytes. */
const MOST_BYTES = 1_000_000;
/** Places looked up for one run. */
const MOST_FRAMES = 300;
/** Where a file lies that is printed with its package only, as on the Java platform. */
const ROOTS = ['', 'src/test/java', 'src/test/kotlin', 'src/main/java', 'src/main/kotlin', 'test'];
/** A line that begins a test. */
const TEST_BEGINS = /^\s*(?:it|test|def|func|fn|@Test|public)\b/;
/** The lines above a frame that are looked at for the beginning of its test. */
const REACH = 12;

interface ProjectFile {
  path: string;
  /** Null where it may not be read. */
  lines: string[] | null;
}

export class RunFiles {
  private constructor(private readonly byFrame: ReadonlyMap<string, ProjectFile>) {}

  /** Finds and reads the files; frames outside of the workspace folders have none. */
  static async load(failures: readonly TestFailure[], cwd: string, policy: CapturePolicy): Promise<RunFiles> {
    const byFrame = new Map<string, ProjectFile>();
    const byPath = new Map<string, ProjectFile | null>();
    const folders = await Promise.all(policy.folders.map((folder) => realpath(folder).catch(() => folder)));
    const printed = new Set(failures.flatMap(({ frames }) => frames.map((frame) => frame.file)));
    for (const file of [...printed].slice(0, MOST_FRAMES)) {
      for (const path of placesOf(file, cwd)) {
        if (!byPath.has(path)) {
          byPath.set(path, await read(path, folders, policy).catch(() => null));
        }
        const found = byPath.get(path);
        if (found) {
          byFrame.set(file, found);
          break;
        }
      }
    }
    return new RunFiles(byFrame);
  }

  /** The paths of a failure's files. */
  pathsOf(failure: TestFailure): string[] {
    return failure.frames.flatMap((frame) => this.byFrame.get(frame.file)?.path ?? []);
  }

  /** The test's own code around a frame, from where the test begins; null where it may not be read. */
  source(frame: Frame): string | null {
    const lines = this.byFrame.get(frame.file)?.lines;
    if (!lines) {
      return null;
    }
    let from = frame.line - 1;
    while (from > 0 && frame.line - from < REACH && !TEST_BEGINS.test(lines[from] ?? '')) {
      from--;
    }
    return lines.slice(from, frame.line + 1).join('\n');
  }
}

/** Where a printed file may lie. `..` is resolved here: what is compared with a folder later is the path itself. */
function placesOf(file: string, cwd: string): string[] {
  return isAbsolute(file) ? [resolve(file)] : ROOTS.map((root) => join(cwd, root, file));
}

async function read(
  path: string,
  folders: readonly string[],
  policy: CapturePolicy,
): Promise<ProjectFile | null> {
  const found = await stat(path);
  // A link that leads out of the workspace leads to no file of the project.
  const real = await realpath(path);
  const inside = folders.some((folder) => real.startsWith(folder + sep));
  if (!found.isFile() || found.size >= MOST_BYTES || !inside) {
    return null;
  }
  const lines = policy.mayRead(path) ? (await readFile(path, 'utf8')).split('\n') : null;
  return { path, lines };
}
