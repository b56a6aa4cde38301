/** Gathers items for a while and hands them over together, each once. */
export class Batch<T> {
  private readonly items = new Set<T>();
  private timer: NodeJS.Timeout | null = null;

  /** @param milliseconds from the first item to the handing over */
  constructor(
    private readonly milliseconds: number,
    private readonly handOver: (items: T[]) => void,
  ) {}

  /** No items start the time too. */
  add(items: readonly T[]): void {
    for (const item of items) this.items.add(item);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const gathered = [...this.items];
      this.items.clear();
      this.handOver(gathered);
    }, this.milliseconds);
  }

  /** What was gathered is not handed over any more. */
  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
