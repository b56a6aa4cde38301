/** The part of a document that a prompt may show, cut in characters before the tokenizer cuts it in tokens. */

export interface CodeWindow {
  /** Code before the cursor, from a line's start on. */
  prefix: string;
  /** Code after the cursor, up to a line's end. */
  suffix: string;
}

export interface WindowLimits {
  /** UTF-16 units before the cursor. */
  prefix: number;
  /** UTF-16 units after the cursor. */
  suffix: number;
  /** The window's start moves in steps of so many lines. */
  stepLines: number;
}

export const defaultLimits: WindowLimits = { prefix: 3000, suffix: 800, stepLines: 32 };

/**
 * Cuts the window around `offset`. Its start jumps by `stepLines` lines rather than sliding with each line: between
 * two jumps the prompts of one document share their beginning, so the key-value cache is reused across keystrokes.
 *
 * @param offset UTF-16 offset of the cursor in `text`; values outside are clamped
 */
export function codeWindow(text: string, offset: number, limits: WindowLimits = defaultLimits): CodeWindow {
  const at = Math.max(0, Math.min(offset, text.length));
  return {
    prefix: text.slice(windowStart(text, at, limits), at),
    suffix: text.slice(at, windowEnd(text, at, limits.suffix)),
  };
}

/** Characters of a document, on either side of the window, that guesses are copied from. */
const REACH = 12000;

/** What lies around the window of `codeWindow`, the part after it first: code repeats what stands above it. */
export function aroundWindow(text: string, offset: number, window: CodeWindow): string[] {
  const start = offset - window.prefix.length;
  const end = offset + window.suffix.length;
  const parts = [text.slice(end, end + REACH), text.slice(Math.max(0, start - REACH), start)];
  return parts.filter((part) => part.trim() !== '');
}

function windowStart(text: string, at: number, limits: WindowLimits): number {
  if (at <= limits.prefix) return 0;
  const earliest = at - limits.prefix;
  let line = 0;
  let lineStart = 0;
  let candidate = 0;
  // The first start of a step-aligned line at or after `earliest`; a line longer than the window is cut inside.
  while (lineStart <= at) {
    if (line % limits.stepLines === 0) {
      candidate = lineStart;
      if (candidate >= earliest) return candidate;
    }
    const next = text.indexOf('\n', lineStart);
    if (next < 0 || next >= at) break;
    lineStart = next + 1;
    line++;
  }
  const newline = text.indexOf('\n', earliest);
  return newline >= 0 && newline < at ? newline + 1 : earliest;
}

function windowEnd(text: string, at: number, limit: number): number {
  if (text.length - at <= limit) return text.length;
  const newline = text.lastIndexOf('\n', at + limit);
  return newline > at ? newline : at + limit;
}
