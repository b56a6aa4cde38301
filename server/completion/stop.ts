/** Where a completion ends although the model would go on. */
import { BracketCounter } from '../syntax/brackets';
import { unknownLexis } from '../syntax/lexis';
import { indentationOf } from './indentation';

export interface StopRule {
  singleLine: boolean;
  /** The cursor's line up to the cursor: where code stands on it, only that line's own brackets open further lines. */
  before: string;
  /** Indentation, in columns, of the line the cursor is on. */
  indentation: number;
  maxLines: number;
  brackets: BracketCounter;
}

const MAX_LINES = 8;

/** The rule for a cursor: one line where code follows it on its line, else the rest of the block. */
export function stopRule(
  prefix: string,
  suffix: string,
  brackets: BracketCounter = new BracketCounter(prefix, unknownLexis),
): StopRule {
  const line = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const rest = suffix.slice(0, suffix.indexOf('\n') < 0 ? suffix.length : suffix.indexOf('\n'));
  // Closers the editor typed by itself do not make the line a full one, nor does what follows a block's.
  const inBlock = /\{[ \t]*$/.test(line) && /^[ \t]*\}/.test(rest);
  return {
    singleLine: !inBlock && !/^[\s)\]}'"`;,]*$/.test(rest),
    before: line,
    indentation: indentationOf(line),
    maxLines: MAX_LINES,
    brackets,
  };
}

/**
 * The length of `text` that belongs to the completion, or -1 while nothing says that it has ended.
 * A block ends before the first line that is less indented than the cursor's line, at a blank line after code, or
 * after `maxLines` lines. Where code stands before the cursor, the completion is the rest of its line; if that line
 * opens a block, the block with the line that closes it.
 */
export function endOf(text: string, rule: StopRule): number {
  const first = text.indexOf('\n');
  if (first < 0) return -1;
  if (rule.singleLine) return first;
  const midLine = rule.before.trim() !== '';
  if (midLine && !goesOn(rule, text, -rule.before.length, first)) return first;
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
    const indentation = indentationOf(line);
    if (indentation < rule.indentation && !rule.brackets.endsInString(text.slice(0, start))) return start - 1;
    if (midLine && indentation === rule.indentation) {
      if (!/^\s*[)\]}]/.test(line)) return start - 1;
      if (end >= 0 && !goesOn(rule, text, start, end)) return end;
    }
    if (end < 0) return -1;
    start = end + 1;
  }
}

/**
 * True where a line cannot stand alone: a bracket is open, or it ends with what needs more behind it.
 *
 * @param from where the line begins in the text; negative where it begins before the cursor
 */
function goesOn({ before, brackets }: StopRule, text: string, from: number, to: number): boolean {
  const line = from < 0 ? before + text.slice(0, to) : text.slice(from, to);
  return /(?::|=>|&&|\|\||[=+?])\s*$/.test(line) || brackets.unclosed(text.slice(0, to), from) > 0;
}

/**
 * The completion out of what was generated: cut at its end; where the model did not end by itself, without the line it
 * was in the middle of; and a block that is begun but not closed only as far as its brackets are.
 *
 * @param ended the model gave a stop token
 */
export function completionOf(generated: string, rule: StopRule, ended: boolean): string {
  const end = endOf(generated, rule);
  const lines = (end >= 0 ? generated.slice(0, end) : generated).split('\n');
  if (end < 0 && !ended && lines.length > 1) lines.pop();
  while (lines.length > 1 && rule.brackets.unclosed(lines.join('\n')) > 0) lines.pop();
  return lines.join('\n');
}
