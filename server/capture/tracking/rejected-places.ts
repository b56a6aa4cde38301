/** Remembers which text was rejected where, so that it is not offered there again. */
import { createHash } from 'node:crypto';
import type { FeedbackStore } from '../../store/store';

/** Characters before the cursor that make a place. */
const TAIL = 160;
const MOST = 2_000;

export class RejectedPlaces {
  private readonly keys = new Set<string>();

  add(prefix: string, text: string): void {
    this.keys.add(key(prefix, text));
    if (this.keys.size > MOST) {
      this.keys.delete(this.keys.values().next().value!);
    }
  }

  /** What earlier servers recorded. */
  async load(store: FeedbackStore): Promise<void> {
    const found = await store.completions.rejected(TAIL, MOST);
    for (const { prefix, text } of found.reverse()) {
      this.add(prefix, text);
    }
  }

  /** It was taken after all. */
  remove(prefix: string, text: string): void {
    this.keys.delete(key(prefix, text));
  }

  has(prefix: string, text: string): boolean {
    return this.keys.has(key(prefix, text));
  }

  clear(): void {
    this.keys.clear();
  }
}

function key(prefix: string, text: string): string {
  const place = prefix.slice(-TAIL).replace(/\r\n/g, '\n');
  return createHash('sha1').update(place).update('\0').update(text.trimEnd()).digest('base64');
}
