/** Remembers which text was rejected where, so that it is not offered there again. */
import { createHash } from 'node:crypto';

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
