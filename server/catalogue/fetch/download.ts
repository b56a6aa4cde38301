/** One file from a hub onto this disk: goes on where it stopped, and is there whole and right or not at all. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statfsSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open as openFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { innermostReason } from '../../base/errors';
import { withLockFile } from '../../base/lock-file';
import { ModelError, writingFailed } from '../../model/errors';
import type { RemoteFile } from './repository';
import { type Hub, open, PassingError, persistently } from './requests';

export interface DownloadOptions {
  signal?: AbortSignal;
  /** Called with the bytes that are there. */
  onBytes?: (bytes: number) => void;
}

/** Room on the disk that is left alone, in bytes. */
const spare = 100e6;

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Bytes of a file that are there already. */
export function fetchedBytes(target: string, size: number): number {
  if (existsSync(target)) return size;
  return Math.min(sizeOf(incomplete(target)), size);
}

/** As the other tools that share the cache name it. */
const incomplete = (target: string) => `${target}.incomplete`;

/** @throws ModelError where the disk has no room for `bytes` more */
export function checkRoom(folder: string, bytes: number): void {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  const { bavail, bsize } = statfsSync(at);
  const free = bavail * bsize;
  if (bytes > 0 && free < bytes + spare)
    throw new ModelError(
      `${folder} has no room: ${gigabytes(bytes)} GB are missing and ${gigabytes(free)} GB are free; make room on the disk.`,
    );
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);

/**
 * Fetches a file to `target`. One process fetches it, others wait for it.
 *
 * @throws ModelError with one sentence; what was fetched stays for the next try, unless its bytes are wrong
 */
export async function download(
  hub: Hub,
  url: string,
  file: RemoteFile,
  target: string,
  options: DownloadOptions = {},
): Promise<void> {
  await mkdir(dirname(target), { recursive: true }).catch((error) => {
    throw writingFailed(dirname(target), error);
  });
  await withLockFile(
    `${target}.lock`,
    async () => {
      options.signal?.throwIfAborted();
      await fetchWhole(hub, url, file, target, options);
    },
    () => existsSync(target),
  );
  options.onBytes?.(file.size);
}

async function fetchWhole(
  hub: Hub,
  url: string,
  file: RemoteFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  const partial = incomplete(target);
  // Another tool's attempt at other bytes.
  if (sizeOf(partial) > file.size) await rm(partial, { force: true });
  checkRoom(dirname(target), file.size - sizeOf(partial));
  let received = 0;
  const attempt = async () => {
    if (sizeOf(partial) === file.size && file.size > 0) return;
    received += await fetchRest(hub, url, file, partial, options);
    if (sizeOf(partial) < file.size) throw new PassingError(`${url} broke off`);
  };
  await persistently(hub, attempt, options.signal, () => received);
  await checkBytes(file, partial, url, options.signal);
  await rename(partial, target).catch((error) => {
    throw writingFailed(target, error);
  });
}

/** @returns how many bytes came */
async function fetchRest(
  hub: Hub,
  url: string,
  file: RemoteFile,
  partial: string,
  { signal, onBytes }: DownloadOptions,
): Promise<number> {
  const have = sizeOf(partial);
  const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {};
  const response = await open(hub, url, file.path, { signal, headers });
  const start = startOf(response.status, response.headers.get('content-range'), have, file.size);
  if (start === undefined) {
    await response.body?.cancel().catch(() => undefined);
    await rm(partial, { force: true });
    throw new PassingError(`${url} gives another part than was asked for`);
  }
  const out = await openFile(partial, start > 0 ? 'r+' : 'w').catch((error) => {
    throw writingFailed(partial, error);
  });
  let at = start;
  try {
    if (start > 0) await out.truncate(start);
    for await (const chunk of response.body ?? []) {
      at += await writeChunk(out, chunk as Uint8Array, at, file, url, partial);
      onBytes?.(at);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelError) throw error;
    // What came before the connection broke counts.
    if (at === start) throw new PassingError(`${url} broke off (${innermostReason(error)})`);
  } finally {
    await out.close();
  }
  return at - start;
}

/** Where the answer begins; undefined where it fits neither the question nor the file. */
function startOf(status: number, range: string | null, have: number, size: number): number | undefined {
  // A whole file in answer to a request for its rest: begin again.
  if (status === 200) return 0;
  if (status !== 206) return undefined;
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
  if (Number(from) !== have || (total !== '*' && Number(total) !== size)) return undefined;
  return have;
}

async function writeChunk(
  out: FileHandle,
  chunk: Uint8Array,
  at: number,
  file: RemoteFile,
  url: string,
  partial: string,
): Promise<number> {
  if (at + chunk.length > file.size) {
    await rm(partial, { force: true });
    throw new ModelError(`${url} gives more than the ${file.size} bytes that the file has: try again later.`);
  }
  try {
    for (let done = 0; done < chunk.length; )
      done += (await out.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
  } catch (error) {
    throw writingFailed(partial, error);
  }
  return chunk.length;
}

/** @throws ModelError where the bytes are not those that the hub named; they are removed */
async function checkBytes(file: RemoteFile, path: string, url: string, signal?: AbortSignal): Promise<void> {
  const { kind, hex } = file.hash;
  const hash = createHash(kind === 'sha256' ? 'sha256' : 'sha1');
  if (kind === 'git') hash.update(`blob ${file.size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
  }
  if (hash.digest('hex') === hex) return;
  await rm(path, { force: true });
  throw new ModelError(
    `${url} gave other bytes than the hub names (${kind === 'sha256' ? 'sha256' : 'git hash'} ${hex.slice(0, 12)}…): they were removed; try again, on another connection if it goes on.`,
  );
}
