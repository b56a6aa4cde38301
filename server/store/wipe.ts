/** What deletion leaves outside the tables: pages in the log, damaged files that were set aside. */
import { createReadStream } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Connection } from './sqlite';

/**
 * Empties the write-ahead log, where old pages still lie (free pages in the file itself are overwritten). Another process'
 * open reader can delay it: tried a few times.
 * @returns false where the log could not be emptied yet.
 */
export async function wipeTraces(db: Connection): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const row = await db.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (row?.busy === 0) {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 50 << attempt));
  }
  return false;
}

/**
 * Files that were set aside hold the developer's data too: one of them that has the mark anywhere goes with its log.
 * @param mark null removes them all
 */
export async function removeDamaged(path: string, mark: string | null): Promise<void> {
  const folder = dirname(path);
  const aside = `${basename(path)}.damaged-`;
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(aside));
  const marked = new Set<string>();
  for (const name of names) {
    if (mark === null || (await holds(join(folder, name), Buffer.from(mark)))) {
      marked.add(name.replace(/-(wal|shm)$/, ''));
    }
  }
  for (const name of names.filter((each) => marked.has(each.replace(/-(wal|shm)$/, '')))) {
    await rm(join(folder, name), { force: true });
  }
}

async function holds(file: string, mark: Buffer): Promise<boolean> {
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([tail, chunk]);
    if (bytes.includes(mark)) {
      return true;
    }
    tail = bytes.subarray(Math.max(0, bytes.length - mark.length + 1));
  }
  return false;
}
