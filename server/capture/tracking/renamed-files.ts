/** Files that got another name: an editor reports them as closed here and opened there, in either order. */
import type { TrackedCompletions } from './completions';
import type { TrackedCompletion } from './tracked-completion';
import type { TrackedDocument } from './tracked-document';

/** A file opened with the text of one closed this recently is that file under another name, in ms. */
const RENAME_MS = 600_000;
/** So is one that was opened this shortly before the other was closed, in ms. */
const SAVE_AS_MS = 10_000;
/** Shorter files are alike by chance. */
const LEAST = 20;

export class RenamedFiles {
  private readonly openedAt = new Map<string, number>();

  constructor(private readonly tracked: TrackedCompletions) {}

  opened(uri: string, now: number): void {
    this.openedAt.set(uri, now);
  }

  /** The completions of a file closed before that this document is now. */
  renamedTo(document: TrackedDocument, now: number): TrackedCompletion[] {
    return this.tracked
      .all()
      .filter(({ state, resting }) => state === 'accepted' && resting && now - resting.closedAt <= RENAME_MS)
      .filter(({ uri, resting }) => uri !== document.uri && isSame(resting!.lines, document.text));
  }

  /** A document was closed. @returns the one that it was saved as just before; null where there is none */
  savedAs(uri: string, lines: readonly string[], now: number): TrackedDocument | null {
    this.openedAt.delete(uri);
    for (const [other, document] of this.tracked.documents) {
      if (now - (this.openedAt.get(other) ?? 0) <= SAVE_AS_MS && isSame(lines, document.text)) {
        return document;
      }
    }
    return null;
  }
}

function isSame(lines: readonly string[], text: string): boolean {
  return text.length >= LEAST && lines.join('\n') === text;
}
