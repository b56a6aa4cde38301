/** Weight files that are made from a model's own and kept in this user's cache folder: they can be made again at any time. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { StoredType } from './safetensors';
import { Weights } from './weights';

/** Files not used for so long are removed. */
const keptDays = 30;

/** A tensor to be written, its bytes made piece by piece: a large one never lies in memory whole. */
export interface PlannedTensor {
  name: string;
  type: StoredType;
  shape: readonly number[];
  /** Bytes. */
  length: number;
  pieces(): Iterable<Uint8Array>;
}

/** This user's folder for weights that can be made again. */
export function cacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32' && LOCALAPPDATA)
    return join(LOCALAPPDATA, 'hindsight', 'Cache', 'weights');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'hindsight', 'weights');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'hindsight', 'weights');
}

/**
 * Opens the file that `plan` makes from these weights; makes it first where there is none. It appears whole or not at all.
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
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    await write(plan(), folder, path);
  }
  return Weights.ofFiles([path], weights.directory);
}

async function write(tensors: readonly PlannedTensor[], folder: string, path: string): Promise<void> {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const { name, type, shape, length } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + length] };
    offset += length;
  }
  const room = statfsSync(folder);
  if (room.bavail * room.bsize < 1.1 * offset) {
    throw new Error(`${folder} has no room for ${Math.ceil(offset / 1e6)} MB`);
  }
  const json = JSON.stringify(header);
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(text.length));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(Buffer.concat([start, text]));
      for (const t of tensors) for (const piece of t.pieces()) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
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
