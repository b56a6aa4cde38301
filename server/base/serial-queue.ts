/** Runs asynchronous work one after another, in the order it was asked for. What fails, fails for its own caller only. */
export class SerialQueue {
  private last: Promise<unknown> = Promise.resolve();

  /** @returns what `work` does, once all that was asked for before it has ended */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when what was asked for so far has ended, well or not. */
  async settled(): Promise<void> {
    await this.last;
  }
}
