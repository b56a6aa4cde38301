/**
 * Feeds every regular expression of the product with long lines made of its own parts, and fails where one takes more than
 * 50 ms: what developers' files, terminals and models hold is not ours to choose. `--show` prints the slowest.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { attacksOn } from './patterns/attacks';
import { type Pattern, productPatterns } from './patterns/collect';

/** Characters of a line. */
const LENGTH = 20_000;
/** Milliseconds that a pattern may take of one. */
const BOUND = 50;
/** A text that takes longer is given up, in ms. */
const HANGS = 2_000;

export interface Timed extends Pattern {
  ms: number;
  /** The beginning of the text that it took longest for. */
  text: string;
}

/** Tries patterns in threads; one that hangs costs its thread. */
export async function timePatterns(
  patterns: readonly Pattern[],
  length = LENGTH,
  bound = BOUND,
): Promise<Timed[]> {
  const queue = [...patterns];
  const timed: Timed[] = [];
  const work = async () => {
    let thread = new Worker(join(__dirname, 'patterns/thread.cjs'));
    for (let next = queue.pop(); next; next = queue.pop()) {
      const texts = attacksOn(next.source, next.flags, length);
      const worst = await timeIn(thread, { ...next, texts, bound });
      timed.push({ ...next, ...worst });
      if (worst.ms < HANGS) continue;
      await thread.terminate();
      thread = new Worker(join(__dirname, 'patterns/thread.cjs'));
    }
    await thread.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  return timed.sort((a, b) => b.ms - a.ms);
}

function timeIn(thread: Worker, task: object): Promise<{ ms: number; text: string }> {
  return new Promise((resolve) => {
    let trying = '';
    let timer: NodeJS.Timeout;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => end({ ms: HANGS, text: trying }), HANGS);
    };
    const end = (worst: { ms: number; text: string }) => {
      clearTimeout(timer);
      thread.off('message', listen);
      resolve(worst);
    };
    const listen = (message: { trying: string } | { worst: { ms: number; text: string } }) => {
      if ('worst' in message) return end(message.worst);
      trying = message.trying;
      wait();
    };
    thread.on('message', listen);
    wait();
    thread.postMessage(task);
  });
}

async function main(): Promise<void> {
  const started = performance.now();
  const patterns = productPatterns();
  const timed = await timePatterns(patterns);
  const slow = timed.filter(({ ms }) => ms > BOUND);
  for (const { where, source, flags, ms, text } of process.argv.includes('--show')
    ? timed.slice(0, 40)
    : slow)
    console.log(`${where}: ${ms.toFixed(1)} ms for ${JSON.stringify(text)}…: /${source}/${flags}`);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(
    `patterns: ${slow.length} of ${patterns.length} take more than ${BOUND} ms for ${LENGTH} characters (${seconds} s)`,
  );
  process.exitCode = slow.length > 0 ? 1 : 0;
}

if (require.main === module)
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
