/**
 * SHA-256 of whole files. A small one is read each time; a large one once, in a thread of its own, and what came out is kept
 * in this user's cache folder under the file's path, size and times: a change of one bit changes its time.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, mkdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { cacheFolder } from './weight-cache';

/** Files of fewer bytes are read each time: that takes some hundredths of a second. */
const smallBelow = 32e6;

export interface ContentHashOptions {
  /** Where results are kept. */
  folder?: string;
  smallBelow?: number;
}

/** This user's folder for what was found out about large files. */
const hashFolder = () => join(dirname(cacheFolder()), 'hashes');

/** The file's SHA-256, in hexadecimal digits. @throws the file system's error where it cannot be read */
export async function contentHash(path: string, options: ContentHashOptions = {}): Promise<string> {
  const stat = statSync(path, { bigint: true });
  if (stat.size < (options.smallBelow ?? smallBelow))
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  const folder = options.folder ?? hashFolder();
  const place = join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 32)}.json`);
  const state = stateOf(stat);
  const known = await keptHash(place, state);
  if (known !== undefined) return known;
  const hash = await hashInThread(path);
  // What changed while it was read has no hash that could be kept.
  if (stateOf(statSync(path, { bigint: true })) === state) await keep(place, { path, state, hash });
  return hash;
}

/** What changes with the file: the time of its last change in the directory tells of one whose other time was set back. */
const stateOf = ({ size, mtimeNs, ctimeNs, ino }: BigIntStats) => `${size} ${mtimeNs} ${ctimeNs} ${ino}`;

async function keptHash(place: string, state: string): Promise<string | undefined> {
  try {
    const kept = JSON.parse(await readFile(place, 'utf8')) as { state?: unknown; hash?: unknown };
    // A hash becomes part of folders' names: nothing else may stand there.
    return kept.state === state && /^[0-9a-f]{64}$/.test(String(kept.hash)) ? String(kept.hash) : undefined;
  } catch {
    return undefined;
  }
}

/** Where nothing can be kept the file is read again next time. */
async function keep(place: string, record: { path: string; state: string; hash: string }): Promise<void> {
  const temporary = `${place}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(place), { recursive: true });
    await writeFile(temporary, `${JSON.stringify(record)}\n`);
    await rename(temporary, place);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Written out, so that no bundle needs an entry for it. */
const threadSource = `
const { createHash } = require('node:crypto');
const { createReadStream } = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const hash = createHash('sha256');
createReadStream(workerData, { highWaterMark: 4 << 20 })
  .on('data', (bytes) => hash.update(bytes))
  .on('error', (error) => { throw error; })
  .on('end', () => parentPort.postMessage(hash.digest('hex')));
`;

function hashInThread(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadSource, { eval: true, workerData: path });
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}
