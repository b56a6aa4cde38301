/** Where an attempt ends although the model would go on: it stands for a range of whole lines. */

const indentationOf = (line: string) => /^[ \t]*/.exec(line)![0].replaceAll('\t', '    ').length;
const isBlank = (line: string) => line.trim() === '';
const isCloser = (line: string) => /^\s*(?:[)\]}]|end\b|else\b|elif\b|except\b|finally\b|catch\b)/.test(line);

export interface EndRule {
  /** Least indentation of the range's lines, in columns. */
  least: number;
  /** The range's first line alone has it (a function with its header): another line of it begins something else. */
  headed: boolean;
  /** The first line behind the range that is not blank. */
  next: string | null;
  maxLines: number;
}

export function endRule(failing: string, suffix: string): EndRule {
  const lines = failing.split('\n').filter((line) => !isBlank(line));
  const indents = lines.map(indentationOf);
  const least = Math.min(...(indents.length > 0 ? indents : [indentationOf(failing)]));
  const headed =
    lines.length > 1 &&
    indents[0] === least &&
    lines.slice(1).every((line, i) => indents[i + 1]! > least || isCloser(line));
  return {
    least,
    headed,
    next: suffix.split('\n').find((line) => !isBlank(line)) ?? null,
    maxLines: 2 * failing.split('\n').length + 12,
  };
}

/**
 * The length of `text` that belongs to the attempt; -1 while nothing says that it has ended. Only whole lines are judged:
 * one that is not ended yet may become anything.
 */
export function attemptEnd(text: string, rule: EndRule): number {
  let start = 0;
  let code = 0;
  for (let count = 0; ; count++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return -1;
    const line = text.slice(start, end);
    if (!isBlank(line)) {
      if (code > 0 && isForeign(line, rule)) return Math.max(0, start - 1);
      code += 1;
      if (count + 1 >= rule.maxLines) return end;
    }
    start = end + 1;
  }
}

function isForeign(line: string, { least, headed, next }: EndRule): boolean {
  const indentation = indentationOf(line);
  if (indentation < least) return true;
  if (headed && indentation === least && !isCloser(line)) return true;
  return next !== null && line.trim().length > 3 && line.trimEnd() === next.trimEnd();
}

/** The attempt out of what was written: cut at its end, without blank lines behind it and without a line that was not finished. */
export function attemptText(written: string, rule: EndRule, ended: boolean): string {
  const end = attemptEnd(`${written}\n`, rule);
  const whole = end >= 0 ? written.slice(0, end) : written;
  const cut = end < 0 && !ended && whole.includes('\n') ? whole.slice(0, whole.lastIndexOf('\n')) : whole;
  return cut.trimEnd();
}
