/** Text of any length in bounded memory: its head and its tail, with a mark where the middle was left out. */
export class CappedText {
  private head = '';
  private tail = '';
  private dropped = 0;

  /** @param half characters kept of the head, and of the tail */
  constructor(private readonly half: number) {}

  add(text: string): void {
    const room = this.half - this.head.length;
    if (room > 0) {
      this.head += text.slice(0, room);
      text = text.slice(room);
    }
    if (!text) return;
    this.tail += text;
    // Cut only when twice as much as needed is there: many small pieces stay cheap.
    if (this.tail.length > 2 * this.half) {
      this.dropped += this.tail.length - this.half;
      this.tail = this.tail.slice(-this.half);
    }
  }

  toString(): string {
    const over = Math.max(0, this.tail.length - this.half);
    const dropped = this.dropped + over;
    if (dropped === 0) return this.head + this.tail;
    return `${this.head}\n… ${dropped} characters left out …\n${this.tail.slice(over)}`;
  }
}
