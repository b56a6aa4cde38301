/** The student that did best on held-out corrections; without enough of these, the last one. */
import type { Adapter } from '../../model/types';

/** A gain below this, in nats a token, is none. */
const LEAST_GAIN = 0.01;
/** Checks in a row without a gain before a round ends. */
const PATIENCE = 2;

export class BestSoFar {
  private best: { score: number; adapter: Adapter } | null = null;
  private idle = 0;

  /** @param score mean log-prob per token of the held-out texts; null where there are too few to tell */
  constructor(private readonly score: (adapter: Adapter) => Promise<number | null>) {}

  /** @returns whether held-out corrections still gain, or may */
  async check(adapter: Adapter): Promise<boolean> {
    const score = await this.score(adapter);
    if (score === null) return true;
    const gained = this.best === null || score >= this.best.score + LEAST_GAIN;
    if (this.best === null || score > this.best.score) this.best = { score, adapter };
    this.idle = gained ? 0 : this.idle + 1;
    return this.idle < PATIENCE;
  }

  /** The last student, unless an earlier one was better. */
  async choose(last: Adapter): Promise<Adapter> {
    if (this.best === null) return last;
    const score = await this.score(last);
    return score === null || score >= this.best.score - LEAST_GAIN ? last : this.best.adapter;
  }
}
