/** Reproducible randomness: the same seed gives the same round, and the same text on every machine. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** Where the sequence stands, for a checkpoint. */
  state: number;
}

/** mulberry32. */
export function random(seed: number): Random {
  const self: Random = {
    state: seed >>> 0,
    next() {
      self.state = (self.state + 0x6d2b79f5) >>> 0;
      let t = self.state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
    below: (n) => Math.floor(self.next() * n),
    shuffle(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = self.below(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
  };
  return self;
}

/** Uniform numbers in [0, 1) from a 32-bit seed. */
export function seededRandom(seed: number): () => number {
  return random(seed).next;
}

/** Endless batches: every item once in random order, then again. */
export function* batches<T>(items: readonly T[], size: number, source: Random): Generator<T[], never> {
  let queue: T[] = [];
  for (;;) {
    const batch: T[] = [];
    while (batch.length < Math.min(size, items.length)) {
      if (queue.length === 0) queue = source.shuffle(items);
      const next = queue.pop()!;
      if (!batch.includes(next)) batch.push(next);
      else if (!queue.some((item) => !batch.includes(item))) queue = [];
    }
    yield batch;
  }
}
