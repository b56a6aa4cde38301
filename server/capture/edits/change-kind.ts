/** What a change of a document is by its shape: a formatter's, organised imports, several cursors. */
import type { ContentChange } from '../tracking/tracked-document';
import { sameForm } from './mechanical';

/** A statement that takes names from elsewhere, of one line or with a list in braces or parentheses. */
const IMPORT =
  /^\s*(?:import\b|from\s+\S+\s+import\b|(?:pub\s+)?use\s|using\s|#\s*include\b|require\b|(?:const|let|var)\s[\w${}\s,:]{1,500}=\s*require\b|export\s+(?:\*|\{[^{}]{0,2000}\})\s+from\b)/;
const MOST = 20_000;

/** A change of blanks alone; or of what else a formatter puts, or organised imports, where several places or lines changed at once. */
export function isFormatting(
  before: string,
  after: string,
  changes: readonly ContentChange[],
  languageId: string,
): boolean {
  const bare = (text: string) => text.replace(/\s/g, '');
  if (bare(before) !== '' && bare(before) === bare(after)) {
    return true;
  }
  const broad =
    changes.length > 1 ||
    changes.some(({ range, text }) => !range || range.start.line < range.end.line || /\n./.test(text));
  return (
    broad &&
    (sameForm(before, after, languageId) ||
      (isImports(before) &&
        changes.every(({ range, text }) => range && (text.trim() === '' || isImports(text)))))
  );
}

/** The same text put at several places at once. */
export function severalCursors(changes: readonly ContentChange[]): boolean {
  return (
    changes.length > 1 &&
    changes.every((c) => c.range && c.text === changes[0]!.text && /^.*\S.*$/.test(c.text))
  );
}

/** Whether a text is import statements and nothing else. */
function isImports(text: string): boolean {
  if (text.trim() === '' || text.length > MOST) {
    return false;
  }
  // Lists over several lines are joined to one.
  const joined = text.replace(/([{(])([^{}()]{0,4000})([})])/g, (all) => all.replace(/\s+/g, ' '));
  return joined.split('\n').every((line) => line.trim() === '' || IMPORT.test(line));
}
