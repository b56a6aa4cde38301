/** Weight files that are made from a model's own and kept in this user's cache folder: they can be made again at any time. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ownsLock, touch, withLockFile } from '../../base/lock-file';
import { headerBytes, type TensorLayout } from './safetensors';
import { Weights } from './weights';

/** Files not used for so long are removed. */
const keptDays = 30;

/** A tensor to be written, its bytes made piece by piece: a large one never lies in memory whole. */
export interface PlannedTensor extends TensorLayout {
  pieces(): Iterable<Uint8Array>;
}

const lockOf = (path: string) => `${path}.lock`;

/** This user's folder for weights that can be made again. */
export function cacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32' && LOCALAPPDATA)
    return join(LOCALAPPDATA, 'hindsight', 'Cache', 'weights');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'hindsight', 'weights');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'hindsight', 'weights');
}

/**
 * Opens the file that `plan` makes from these weights; makes it first where there is none. It appears whole or not at all;
 * what was written before the process died is gone on from. One process makes a file, the others wait for it.
 *
 * @param kind names the way it is made: another kind is another file
 * @throws Error when there is no room for the file or it cannot be written
 */
export async function cachedWeights(
  weights: Weights,
  kind: string,
  plan: () => PlannedTensor[],
  folder: string,
): Promise<Weights> {
  const hash = createHash('sha256').update(kind);
  for (const file of weights.files) {
    hash.update(`${file.path} ${file.size} ${statSync(file.path).mtimeMs} ${file.header}`);
  }
  const path = join(folder, `${hash.digest('hex').slice(0, 24)}.safetensors`);
  mkdirSync(folder, { recursive: true });
  removeUnused(folder);
  const isMade = () => touch(path);
  // What another process has made meanwhile is not made again.
  if (!isMade()) await withLockFile(lockOf(path), () => write(plan(), folder, path), isMade);
  return Weights.ofFiles([path], weights.directory, kind);
}

/** Written bytes are made safe, and count as done, each time so many have come together. */
const syncEvery = 256e6;

async function write(tensors: readonly PlannedTensor[], folder: string, path: string): Promise<void> {
  const start = headerBytes(tensors);
  const bytes = tensors.reduce((sum, t) => sum + t.length, 0);
  const [partial, progress] = [`${path}.partial`, `${path}.progress`];
  const done = resumed(partial, progress);
  const room = statfsSync(folder);
  if (room.bavail * room.bsize < 1.1 * (bytes - done)) {
    throw new Error(`${folder} has no room for ${Math.ceil(bytes / 1e6)} MB`);
  }
  const file = await open(partial, done > 0 ? 'r+' : 'w');
  try {
    if (done > 0) await file.truncate(done);
    let at = 0;
    let safe = done;
    const put = async (bytes: Uint8Array) => {
      // What lies in the file already is not written again.
      if (at >= done) await writeAll(file, bytes, at);
      at += bytes.length;
    };
    await put(start);
    for (const tensor of tensors) {
      // A tensor that is whole needs not even be made.
      if (at + tensor.length <= done) at += tensor.length;
      else for (const piece of tensor.pieces()) await put(piece);
      if (at - safe < syncEvery) continue;
      await file.sync();
      await writeFile(progress, String(at));
      safe = at;
    }
    await file.sync();
  } catch (error) {
    // A full disk is given its room back; what was done is only kept for a process that died.
    await rm(partial, { force: true });
    await rm(progress, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  // Two that found the same lock abandoned write the same bytes; only the lock's last owner may say that they are whole.
  if (!ownsLock(lockOf(path))) throw new Error(`another process makes ${path}; open the model again`);
  await rename(partial, path);
  await rm(progress, { force: true });
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

/** Bytes that are known to be whole: always up to the end of a tensor. */
function resumed(partial: string, progress: string): number {
  try {
    const bytes = Number(readFileSync(progress, 'utf8'));
    return Number.isSafeInteger(bytes) && bytes > 0 && statSync(partial).size >= bytes ? bytes : 0;
  } catch {
    return 0;
  }
}

function removeUnused(folder: string): void {
  const oldest = Date.now() - keptDays * 86_400_000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    try {
      if (statSync(path).mtimeMs < oldest) rmSync(path);
    } catch {
      // Another process was faster, or still has it open.
    }
  }
}
