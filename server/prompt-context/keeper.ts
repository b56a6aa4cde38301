/** Keeps a document's context while one types: key-value caches live as long as the first tokens of the prompts stay. */
import type { ContextPart } from './types';

/** Context stays while the cursor is within so many lines of where it was gathered. */
const NEAR_LINES = 12;
const MOST_AGE_MS = 180_000;
/** A completion waits so long for context at most; it is there the next time. */
const MOST_WAIT_MS = 120;
const MOST_DOCUMENTS = 16;

interface Kept {
  line: number;
  at: number;
  /** How often other documents had been changed. */
  changes: number;
  parts: readonly ContextPart[] | null;
  gathering: Promise<readonly ContextPart[]>;
}

export class ContextKeeper {
  private readonly kept = new Map<string, Kept>();
  /** Changes of each document, and of all. */
  private readonly changes = new Map<string, number>();
  private all = 0;

  /** @param onTrouble told why context could not be gathered */
  constructor(
    private readonly onTrouble: (error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  changed(uri: string): void {
    this.changes.set(uri, (this.changes.get(uri) ?? 0) + 1);
    this.all += 1;
  }

  closed(uri: string): void {
    this.kept.delete(uri);
    this.changes.delete(uri);
  }

  /** Of another workspace, or after other settings. */
  clear(): void {
    this.kept.clear();
  }

  /**
   * The context of a document around a line (from 0). Gathered anew where the cursor has gone elsewhere, another document has
   * changed, or it has grown old; never waited for long.
   */
  async at(
    { uri, line }: { uri: string; line: number },
    gather: () => Promise<readonly ContextPart[]>,
  ): Promise<readonly ContextPart[]> {
    const known = this.kept.get(uri);
    const kept = known && this.isFresh(known, uri, line) ? known : this.gather(uri, line, gather);
    if (kept.parts) return kept.parts;
    const late = new Promise<null>((resolve) => setTimeout(resolve, MOST_WAIT_MS, null).unref());
    return (await Promise.race([kept.gathering, late])) ?? known?.parts ?? [];
  }

  private isFresh({ line, at, changes }: Kept, uri: string, now: number): boolean {
    const elsewhere = this.all - (this.changes.get(uri) ?? 0);
    return Math.abs(line - now) <= NEAR_LINES && this.now() - at < MOST_AGE_MS && changes === elsewhere;
  }

  private gather(uri: string, line: number, gather: () => Promise<readonly ContextPart[]>): Kept {
    const kept: Kept = {
      line,
      at: this.now(),
      changes: this.all - (this.changes.get(uri) ?? 0),
      parts: null,
      gathering: Promise.resolve([]),
    };
    kept.gathering = gather().catch((error: unknown) => {
      // Without context completions are less good, not gone.
      this.onTrouble(error);
      return [];
    });
    void kept.gathering.then((parts) => {
      kept.parts = parts;
    });
    this.kept.delete(uri);
    this.kept.set(uri, kept);
    if (this.kept.size > MOST_DOCUMENTS) this.kept.delete(this.kept.keys().next().value as string);
    return kept;
  }
}
