/**
 * When an offer may come on the screen: once the developer's fingers rest, by their own rhythm, and not while another one
 * has just been there. It is computed meanwhile, so whoever rests waits no longer for it.
 */

/** Keys further apart than this, in ms, are a pause and no rhythm. */
const LONGEST_INTERVAL = 1_000;
/** Intervals that are remembered, and how many say something. */
const REMEMBERED = 12;
const LEAST = 4;
/** A rest is so many times the usual interval, and at most so long, in ms. */
const REST_FACTOR = 1.7;
const LONGEST_REST = 350;
/** While one types, what is on the screen changes no more often than this, in ms; whoever rests so long sees it at once. */
const CHANGES_EVERY = 1_000;
const RESTED = 600;

export class TypingRhythm {
  private lastKey = Number.NEGATIVE_INFINITY;
  private lastLength = -1;
  private lastShown = Number.NEGATIVE_INFINITY;
  private intervals: number[] = [];

  /**
   * A completion is asked for.
   * @param now in ms, on any clock
   * @param length of the document: where it is as before, nothing was typed
   */
  asked(now: number, length: number): void {
    if (length === this.lastLength) return;
    const interval = now - this.lastKey;
    if (interval < LONGEST_INTERVAL) this.intervals = [...this.intervals, interval].slice(-REMEMBERED);
    this.lastKey = now;
    this.lastLength = length;
  }

  /** An offer that was not there before came on the screen. */
  shown(now: number): void {
    this.lastShown = now;
  }

  /** When an offer for the last key may be shown, in ms on the same clock. */
  earliest(): number {
    const rests = this.lastKey + this.rest();
    const changes = Math.min(this.lastShown + CHANGES_EVERY, this.lastKey + RESTED);
    return Math.max(rests, changes);
  }

  /** How long after a key the developer rests, in ms; 0 while nothing is known of the rhythm. */
  private rest(): number {
    if (this.intervals.length < LEAST) return 0;
    const sorted = [...this.intervals].sort((a, b) => a - b);
    return Math.min(LONGEST_REST, REST_FACTOR * sorted[sorted.length >> 1]!);
  }
}
