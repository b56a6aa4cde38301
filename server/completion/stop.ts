/** Where a completion ends although the model would go on. */

export interface StopRule {
  singleLine: boolean;
  /** Indentation, in columns, of the line the cursor is on. */
  indentation: number;
  maxLines: number;
}

/** Width of a line's leading white space; a tab counts as four columns. */
export function indentationOf(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === ' ') width++;
    else if (character === '\t') width += 4;
    else break;
  }
  return width;
}

/** The rule for a cursor: one line where code follows it on its line, else the rest of the block. */
export function stopRule(prefix: string, suffix: string, maxLines = 8): StopRule {
  const line = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const rest = suffix.slice(0, suffix.indexOf('\n') < 0 ? suffix.length : suffix.indexOf('\n'));
  // Closers the editor typed by itself do not make the line a full one.
  return { singleLine: !/^[\s)\]}'"`;,]*$/.test(rest), indentation: indentationOf(line), maxLines };
}

/**
 * The length of `text` that belongs to the completion, or -1 while nothing says that it has ended.
 * A block ends before the first line that is less indented than the cursor's line, at a blank line after code, or
 * after `maxLines` lines.
 */
export function endOf(text: string, rule: StopRule): number {
  const first = text.indexOf('\n');
  if (first < 0) return -1;
  if (rule.singleLine) return first;
  let start = first + 1;
  for (let lines = 1; ; lines++) {
    if (lines >= rule.maxLines) return start - 1;
    const end = text.indexOf('\n', start);
    const line = end < 0 ? text.slice(start) : text.slice(start, end);
    // An unfinished line of white space alone says nothing yet about its indentation.
    if (line.trim() === '') {
      if (end >= 0) return start - 1;
      return -1;
    }
    if (indentationOf(line) < rule.indentation) return start - 1;
    if (end < 0) return -1;
    start = end + 1;
  }
}
