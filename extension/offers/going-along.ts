/** How far a change of the document goes along with ghost text: pure, on UTF-16 units. */

export interface Change {
  offset: number;
  removed: number;
  text: string;
}

/** Ghost text as it stands now. */
export interface Standing {
  /** Where it begins in the document. */
  offset: number;
  /** What is still offered, with `\n` for every line break. */
  text: string;
  /** Closing brackets and quotes that the editor has put behind the cursor by itself. */
  closers: string;
}

/** What a change takes of it. */
export interface Step {
  /** Characters of the offered text, a line break counting one. */
  matched: number;
  /** Characters in the document, to where the cursor stands behind them. */
  inserted: number;
  /** A person's own keys made it; otherwise a piece was accepted. */
  typed: boolean;
}

/** A typed character closed by the editor ("(" becomes "()") is no other text. */
const PAIRS = ['()', '[]', '{}', '<>', '""', "''", '``'];
/** What Enter puts: the break and the indentation, and between brackets another line. */
const ENTER = /^\n[ \t]*(?:\n[ \t]*)?$/;

/** Line breaks as the model writes them. */
export function unix(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** Null where the change does something else. */
export function stepOf(standing: Standing, change: Change): Step | null {
  const { offset, text: offered } = standing;
  const text = unix(change.text);
  if (change.offset !== offset) return wordCompleted(standing, change, text);
  if (change.removed > 0) {
    // Typed over the closing bracket that the editor had put there.
    const over = change.removed === 1 && text === standing.closers[0] && closes(standing);
    return over ? { matched: 1, inserted: 1, typed: true } : null;
  }
  if (isPair(change.text)) {
    return text[0] === offered[0] ? { matched: 1, inserted: 1, typed: true } : null;
  }
  if (ENTER.test(text)) {
    const first = text.lastIndexOf('\n') > 0 ? text.slice(0, text.lastIndexOf('\n')) : text;
    if (!offered.startsWith(first)) return null;
    const breaks = change.text.startsWith('\r') ? 1 : 0;
    return { matched: first.length, inserted: first.length + breaks, typed: true };
  }
  if (text === '' || !offered.startsWith(text)) return null;
  return { matched: text.length, inserted: change.text.length, typed: text.length === 1 };
}

/** The list of suggestions puts a whole name in place of the letters that were typed of it. */
function wordCompleted({ offset, text: offered }: Standing, change: Change, text: string): Step | null {
  const rest = text.slice(change.removed);
  const fits = change.offset < offset && change.offset + change.removed === offset && rest !== '';
  if (!fits || text.includes('\n') || !offered.startsWith(rest)) return null;
  return { matched: rest.length, inserted: rest.length, typed: true };
}

export function isPair(text: string): boolean {
  return PAIRS.includes(text);
}

/** What is offered next stands behind the cursor already. */
export function closes({ closers, text }: Standing): boolean {
  return closers !== '' && text[0] === closers[0];
}

/** All of it was put there at once, in place of what stood before the cursor too. */
export function isTakenWhole({ offset, text: offered }: Standing, change: Change): boolean {
  return change.offset <= offset && unix(change.text).endsWith(offered);
}
