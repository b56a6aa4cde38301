/** How fast this machine reads prompts, and how much context that leaves time for. */

/** Most milliseconds that reading the context may take where nothing of it is in the cache. */
const CONTEXT_MS = 600;
/** The budget moves in steps of so many tokens: each change of it costs the key-value cache. */
const STEP = 128;
const MOST_TOKENS = 768;
/** Fewer tokens say more about a run's fixed cost than about the speed. */
const LEAST_READ = 48;
/** What the newest run counts. */
const NEWEST = 0.3;

export class ReadingSpeed {
  /** Tokens a second; 0 while nothing was measured. */
  private speed = 0;
  private budget: number | undefined;

  /** A run read so many new tokens in so many milliseconds. */
  read(tokens: number, milliseconds: number): void {
    if (tokens < LEAST_READ || milliseconds <= 0) return;
    const measured = (tokens / milliseconds) * 1000;
    this.speed = this.speed === 0 ? measured : this.speed + NEWEST * (measured - this.speed);
    const fits = (this.speed * CONTEXT_MS) / 1000;
    // Only what lies a whole step off changes the budget: a busy moment does not.
    if (this.budget !== undefined && Math.abs(fits - this.budget) < STEP) return;
    this.budget = Math.min(MOST_TOKENS, Math.floor(fits / STEP) * STEP);
  }

  /** Tokens of context that this machine reads in time; undefined while nothing is known. */
  get contextTokens(): number | undefined {
    return this.budget;
  }
}
