/** What earlier runs of the same command said: which tests failed, since when, and which of them cannot be believed. */
import { stat } from 'node:fs/promises';
import { FIX_MS } from '../signals';

interface Last {
  startedAt: number;
  /** The failing tests with the files they point at. */
  failing: ReadonlyMap<string, readonly string[]>;
  /** Tests in all; null where the runner does not count them. */
  total: number | null;
}

export class RunHistory {
  private readonly last = new Map<string, Last>();
  /** Since when each test fails, by command and name. */
  private readonly redSince = new Map<string, number>();
  /** Until when a test is not believed, by command and name. */
  private readonly flaky = new Map<string, number>();

  clear(): void {
    this.last.clear();
    this.redSince.clear();
    this.flaky.clear();
  }

  /**
   * Tests whose result differs from the run before, with nothing saved or written in between: they are not believed for a
   * day. `savedAt`: when a document was saved last.
   */
  async flipped(
    key: string,
    failing: ReadonlyMap<string, readonly string[]>,
    savedAt: number,
    now: number,
  ): Promise<string[]> {
    const previous = this.last.get(key);
    if (!previous || savedAt > previous.startedAt) {
      return [];
    }
    const flipped: string[] = [];
    for (const id of new Set([...previous.failing.keys(), ...failing.keys()])) {
      const files = [...(previous.failing.get(id) ?? []), ...(failing.get(id) ?? [])];
      // Another program may have changed them: a checkout, a generator, another editor.
      if (previous.failing.has(id) !== failing.has(id) && !(await writtenSince(files, previous.startedAt))) {
        flipped.push(id);
        this.flaky.set(`${key}\0${id}`, now + FIX_MS);
      }
    }
    return flipped;
  }

  isBelieved(key: string, id: string, now: number): boolean {
    return (this.flaky.get(`${key}\0${id}`) ?? 0) < now;
  }

  /** Whether a test already failed before `time`. */
  failedBefore(key: string, id: string, time: number): boolean {
    const since = this.redSince.get(`${key}\0${id}`);
    return since !== undefined && since < time;
  }

  /** Whether a test passed in the last run, and that run began before `time`. */
  passedBefore(key: string, id: string, time: number): boolean {
    const last = this.last.get(key);
    return last !== undefined && last.startedAt < time && !last.failing.has(id);
  }

  /**
   * Whether a run counts as many tests as the last one of the same command: none was left out, none broke off.
   * A runner that counts none is taken at its word.
   */
  ranAll(key: string, total: number | null): boolean {
    const last = this.last.get(key);
    if (last === undefined || total === null || last.total === null) {
      return last !== undefined && last.total === total;
    }
    return total >= last.total;
  }

  remember(key: string, last: Last): void {
    const { startedAt, failing } = last;
    this.last.set(key, last);
    for (const known of [...this.redSince.keys()]) {
      if (known.startsWith(`${key}\0`) && !failing.has(known.slice(key.length + 1))) {
        this.redSince.delete(known);
      }
    }
    for (const id of failing.keys()) {
      const name = `${key}\0${id}`;
      if (!this.redSince.has(name)) {
        this.redSince.set(name, startedAt);
      }
    }
  }
}

/** Whether one of the files was written after `time`, in ms since the epoch. */
async function writtenSince(files: readonly string[], time: number): Promise<boolean> {
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        (found) => found.mtimeMs,
        () => 0,
      ),
    ),
  );
  return times.some((at) => at > time);
}
