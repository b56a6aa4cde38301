/** When a server that ended by itself is started again: sooner at first, then later, then not any more. */

/** Waits before each start within the window; after the last one the server is left alone. */
const DELAYS_MS = [0, 1_000, 4_000, 15_000];
const WINDOW_MS = 3 * 60_000;

export class Restarts {
  private crashes: number[] = [];

  /**
   * Counts a crash.
   * @param now milliseconds since any point
   * @returns how long to wait before the next start; null where it has crashed too often to be started again
   */
  crashed(now: number): number | null {
    this.crashes = this.crashes.filter((at) => now - at < WINDOW_MS);
    this.crashes.push(now);
    return DELAYS_MS[this.crashes.length - 1] ?? null;
  }

  /** The developer starts it: what was before does not count. */
  reset(): void {
    this.crashes = [];
  }
}
