/**
 * A process of its own that writes completions. `write FILE PREFIX COUNT` prints each id after its write was acknowledged;
 * `fill FILE FOLDER` fills a small disk, makes room again, and prints what it was told.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../../../server/store/store';
import { completion } from './records';

async function write(file: string, prefix: string, count: number): Promise<void> {
  const store = await openStore(file);
  for (let i = 0; i < count; i++) {
    await store.completions.insert(completion(`${prefix}${i}`));
    process.stdout.write(`${prefix}${i}\n`);
  }
  await store.close();
}

async function fill(folder: string): Promise<void> {
  const told: string[] = [];
  const store = await openStore(join(folder, 'feedback.db'), {
    onTrouble: (sentence) => told.push(`trouble: ${sentence}`),
    onRecovered: (sentence) => told.push(`recovered: ${sentence}`),
  });
  await store.completions.insert(completion('before'));
  const filler = join(folder, 'filler');
  try {
    for (let size = 4_000_000; size >= 512; size /= 2) {
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {
        // as much as fits
      }
    }
  } catch {}
  const writes = Array.from({ length: 50 }, (_, i) =>
    store.completions.insert(completion(`full${i}`, { prefix: 'x'.repeat(20_000) })),
  );
  await new Promise((resolve) => setTimeout(resolve, 700));
  const waiting = store.waitingWrites;
  const refused = await store.rounds.start(1, 1).then(
    () => 'no',
    (error: Error) => error.message,
  );
  rmSync(filler);
  await Promise.all(writes);
  const count = await store.completions.count();
  await store.close();
  process.stdout.write(JSON.stringify({ told, waiting, refused, count }));
}

const [command, a, b, c] = process.argv.slice(2);
void (command === 'write' ? write(a!, b!, Number(c)) : fill(a!));
