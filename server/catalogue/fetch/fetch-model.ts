/** Fetches a planned model into the Hugging Face cache, in the layout that other tools read too. */
import { lstatSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { writingFailed } from '../../model/errors';
import { checkRoom, download } from './download';
import { type DownloadPlan, type PlannedFile, placed, placedAt } from './plan';
import type { Hub } from './requests';

export interface FetchProgress {
  /** The file on its way. */
  file: string;
  done: number;
  size: number;
  /** Over the last seconds; 0 while nothing came. */
  bytesPerSecond: number;
  /** Null while that cannot be told. */
  secondsLeft: number | null;
}

/**
 * @param signal stops it; what was fetched stays for the next time
 * @returns what `openModel` takes
 * @throws ModelError with one sentence, or the signal's reason
 */
export async function fetchModel(
  hub: Hub,
  plan: DownloadPlan,
  options: { signal?: AbortSignal; onProgress?: (progress: FetchProgress) => void } = {},
): Promise<string> {
  checkRoom(plan.folder, plan.size - plan.present);
  const speed = new Speed(plan.present);
  let before = 0;
  for (const file of plan.files) {
    if (placed(plan, file)) {
      before += file.size;
      continue;
    }
    await download(hub, file.url, file, file.blob, {
      signal: options.signal,
      onBytes(bytes) {
        const done = before + bytes;
        const bytesPerSecond = speed.at(done);
        const secondsLeft = bytesPerSecond > 0 ? (plan.size - done) / bytesPerSecond : null;
        options.onProgress?.({ file: file.path, done, size: plan.size, bytesPerSecond, secondsLeft });
      },
    });
    before += file.size;
  }
  const { repository, folder } = plan;
  // Small files first and the reference last: a snapshot that is named is whole.
  for (const file of plan.files) await place(join(folder, 'snapshots', repository.commit), file);
  await writeRef(join(folder, 'refs', ...repository.revision.split('/')), repository.commit);
  return plan.model;
}

/** Puts a link to the bytes, or the file itself where links cannot be made, under its name. */
async function place(snapshot: string, file: PlannedFile): Promise<void> {
  const path = join(snapshot, ...file.path.split('/'));
  try {
    await mkdir(dirname(path), { recursive: true });
    if (placedAt(path, file)) return;
    // A link that leads nowhere, or a file that was torn, is in the way.
    if (lstatSync(path, { throwIfNoEntry: false })) await rm(path);
    await symlink(relative(dirname(path), file.blob), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return;
      // Windows lets few users make links.
      return rename(file.blob, path);
    });
  } catch (error) {
    throw writingFailed(path, error);
  }
}

async function writeRef(path: string, commit: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, commit);
    await rename(temporary, path);
  } catch (error) {
    throw writingFailed(path, error);
  }
}

/** Progress in words. */
export function progressSentence({ done, size, bytesPerSecond, secondsLeft }: FetchProgress): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const left = secondsLeft === null ? '' : `, ${inWords(secondsLeft)} left`;
  return `${megabytes(done)} of ${megabytes(size)} MB, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s${left}`;
}

const inWords = (seconds: number) =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;

/** Milliseconds that the speed is taken over. */
const window = 5000;

class Speed {
  private readonly seen: { time: number; bytes: number }[];

  constructor(bytes: number) {
    this.seen = [{ time: performance.now(), bytes }];
  }

  at(bytes: number): number {
    const now = performance.now();
    this.seen.push({ time: now, bytes });
    while (this.seen.length > 2 && now - this.seen[1]!.time > window) this.seen.shift();
    const [first] = this.seen;
    const seconds = (now - first!.time) / 1000;
    return seconds > 0 ? Math.max(0, bytes - first!.bytes) / seconds : 0;
  }
}
