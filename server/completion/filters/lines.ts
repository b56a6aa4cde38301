/** What the filters ask of lines: which stand around the cursor, and which of them say something. */
import { indentationOf } from '../indentation';

/** What stands on the cursor's line behind it. */
export function restOfLine(suffix: string): string {
  const newline = suffix.indexOf('\n');
  return newline < 0 ? suffix : suffix.slice(0, newline);
}

/** What stands on the cursor's line before it. */
export function startOfLine(prefix: string): string {
  return prefix.slice(prefix.lastIndexOf('\n') + 1);
}

/** The first full, non-blank lines behind the cursor's own line, with their indentation. */
export function linesBelow(suffix: string): string[] {
  return nonBlank(suffix.split('\n').slice(1, 12));
}

/** The last full, non-blank lines above the cursor's own line, with their indentation. */
export function linesAbove(prefix: string): string[] {
  const end = prefix.lastIndexOf('\n');
  return end < 0 ? [] : nonBlank(prefix.slice(0, end).split('\n').slice(-24)).slice(-12);
}

/** A completion's lines as they would stand there: the first one with what stands before the cursor. Blank ones are none. */
export function wholeLines(prefix: string, text: string): string[] {
  return nonBlank((startOfLine(prefix) + text).split('\n'));
}

function nonBlank(lines: string[]): string[] {
  return lines.map((line) => line.trimEnd()).filter((line) => line !== '');
}

const CLOSER_WORDS =
  /^(?:end|fi|done|esac|od|begin|else|then|endif|endfor|endwhile|endfunction|default:?)\b[;,.)]*$/i;

/**
 * Whether a line says something that is not said twice by chance: closing brackets, tags, rows of values, and single
 * words are written again and again.
 */
export function saysSomething(line: string): boolean {
  const text = line.trim();
  if (!/\p{L}/u.test(text) || /^[\w$.]*[;,:]?$/.test(text) || text.startsWith('<')) return false;
  return !CLOSER_WORDS.test(text) && !ROW_OF_NUMBERS.test(text);
}

const ROW_OF_NUMBERS = /^[-+[({]*\d[\s\w.,;+-]*[\])}]*[,;]?$/;

/** Whether two lines say the same; with another indentation only where they say something. */
export function sameLine(one: string, other: string): boolean {
  if (one.trim() !== other.trim()) return false;
  return indentationOf(one) === indentationOf(other) || saysSomething(one);
}
