/**
 * Why a document changed, as far as it shows in what stable API reports. Knows nothing of the editor, so that it can be tested
 * alone.
 */

import type { ClientNotifications } from '../../server/protocol/messages';

export type Reason = ClientNotifications['hindsight/editReason']['reason'];

/** Places are UTF-16 offsets in the document before the change. */
export interface EditFacts {
  changes: readonly { offset: number; removed: number; text: string }[];
  /** The editor's own word for it. */
  reason: 'undo' | 'redo' | undefined;
  /** A save is under way. */
  saving: boolean;
  /** The document differs from the disk now. */
  dirty: boolean;
  /** Where it is shown: in the editor that has the focus, in another one, or nowhere. */
  shown: 'active' | 'visible' | 'nowhere';
  /** The selections of its editor, before the change. */
  selections: readonly { start: number; end: number }[];
  /** The line of the first cursor before the change, and where it begins; null where it is not known. */
  line: { offset: number; text: string } | null;
  /** A paste into this document was announced a moment ago. */
  pasting: boolean;
  /** Something was typed in it this very moment: the editor may not have reported yet where the cursor has gone. */
  typing: boolean;
}

const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;
const NAME_PART = /[\p{L}\p{N}_$]/u;
/** A typed line break brings at most the indentation of the next line, and the mark of a comment or a list. */
const SEVERAL_LINES = /^[^\n]*\n[^\p{L}\p{N}_]*[\p{L}\p{N}_]/u;

/** Undefined where the developer typed it, or nothing says otherwise. */
export function reasonOf(facts: EditFacts): Reason | undefined {
  const { changes, reason, shown } = facts;
  if (reason) return reason;
  if (facts.pasting && changes.some((change) => change.text !== '')) return 'paste';
  // A save may take a moment, and typing goes on meanwhile.
  if (facts.saving && !isKey(facts)) return 'format';
  if (shown === 'nowhere') return facts.dirty ? 'refactoring' : undefined;
  if (isRename(changes, facts.selections.length) || isRenameOfOne(facts)) return 'rename';
  if (!facts.dirty) return undefined;
  return isByProgram(facts) ? 'program' : undefined;
}

/** Several replacements by one and the same text that no cursors typed: a rename. */
export function isRename(changes: readonly { text: string; removed: number }[], cursors: number): boolean {
  if (changes.length < 2 || cursors === changes.length) return false;
  const [first] = changes;
  return changes.every((each) => each.text === first!.text && each.removed > 0) && first!.text !== '';
}

/**
 * One name replaced by another, whole and at once, around a cursor that selects nothing: a rename that finds a single place. A
 * suggestion that is taken goes on with the letters before the cursor.
 */
function isRenameOfOne({ changes, selections, line }: EditFacts): boolean {
  const [change] = changes;
  const [cursor] = selections;
  if (changes.length !== 1 || selections.length !== 1 || !change || !cursor || !line) return false;
  const start = change.offset - line.offset;
  const end = start + change.removed;
  if (cursor.start !== cursor.end || start < 0 || end > line.text.length) return false;
  const at = cursor.start - line.offset;
  const old = line.text.slice(start, end);
  const names = NAME.test(old) && NAME.test(change.text) && change.text.length > 1 && old !== change.text;
  const whole = !NAME_PART.test(line.text[start - 1] ?? '') && !NAME_PART.test(line.text[end] ?? '');
  const suggested = at === end && isWithin(old.toLowerCase(), change.text.toLowerCase());
  return names && whole && at >= start && at <= end && !suggested;
}

/** Whether the letters of `part` stand in `text` in their order. */
function isWithin(part: string, text: string): boolean {
  let at = -1;
  for (const letter of part) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** A single key at the cursor: a letter, a pair of brackets, Enter, or one that deletes. */
function isKey({ changes, selections }: EditFacts): boolean {
  const [change] = changes;
  const [cursor] = selections;
  if (changes.length !== 1 || !change || !cursor) return false;
  const { offset, removed, text } = change;
  const there = offset === cursor.start || offset + removed === cursor.start;
  const selected = cursor.end - cursor.start;
  return (
    there &&
    removed <= Math.max(1, selected) &&
    (text.length <= 1 || /^(?:\(\)|\[\]|\{\}|""|''|``|\r?\n\s*)$/.test(text))
  );
}

/** Nobody types where no cursor is, nor several lines at once. */
function isByProgram({ changes, shown, selections, line, typing }: EditFacts): boolean {
  if (shown !== 'active') return true;
  if (changes.some(({ text }) => SEVERAL_LINES.test(text))) return true;
  const near = changes.some(({ offset, removed }) =>
    selections.some(({ start, end }) => {
      // Commands on whole lines (comment, move, delete) change the cursor's line, or those beside it.
      const from = line ? Math.min(start, line.offset - 1) : start;
      const to = line ? Math.max(end, line.offset + line.text.length + 2) : end;
      return offset <= to && offset + removed >= from;
    }),
  );
  return !near && !typing;
}
