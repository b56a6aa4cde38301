/**
 * Text that an input method or a dead key composes: it stands in the document in other letters until it is finished ("ご",
 * "ごう", "合計"; "´", "é"). Stable API does not report compositions; they show in how the text is replaced.
 */

import type { Change } from './going-along';

/** Longer text is no composition. */
const MOST = 40;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with the control characters
const ASCII = /^[\x00-\x7f]*$/;
/** Letters and marks that an input method or a dead key begins with. */
const COMPOSABLE = /^[\p{L}\p{M}\p{Sk}'"`^~]+$/u;

export class Composition {
  private constructor(
    private readonly offset: number,
    private text: string,
  ) {}

  /** A change that does not go along with the offered text, but may become it; null where it cannot. */
  static begin(change: Change, offset: number, offered: string): Composition | null {
    const may = change.offset === offset && change.removed === 0 && COMPOSABLE.test(change.text);
    const foreign = !ASCII.test(change.text) || !ASCII.test(offered.slice(0, 1));
    return may && foreign && change.text.length <= MOST ? new Composition(offset, change.text) : null;
  }

  /** @returns false where the change ends the composition */
  change({ offset, removed, text }: Change): boolean {
    const from = offset - this.offset;
    if (from < 0 || from + removed > this.text.length || (text !== '' && !COMPOSABLE.test(text)))
      return false;
    this.text = this.text.slice(0, from) + text + this.text.slice(from + removed);
    return this.text !== '' && this.text.length <= MOST;
  }

  /** Where the cursor stands while composing. */
  holds(offset: number): boolean {
    return offset >= this.offset && offset <= this.offset + this.text.length;
  }

  /** Characters of the offered text that are composed now; 0 where it is other text (yet). */
  matched(offered: string): number {
    return offered.startsWith(this.text) ? this.text.length : 0;
  }
}
