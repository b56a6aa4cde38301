/** Where a literal ends: strings, and values without quotes. Offsets are those of the text that is handed in. */

/** A value found near a name. */
export interface Value {
  start: number;
  end: number;
  /** Right behind its name; otherwise only later on the same line. */
  near: boolean;
  /** In quotes, or the only thing on its line: a text rather than an expression. */
  literal: boolean;
}

/** Where the first line ends. */
export function lineEnd(text: string): number {
  const end = text.indexOf('\n');
  return end < 0 ? text.length : end;
}

const CLOSING: Record<string, string> = { '“': '”', '„': '“', '«': '»', '[[': ']]' };

/** The string that was opened just before `from`; cut off at the end of what is looked at. Lines go on within three quotes only. */
export function quoted(text: string, from: number, opening: string): Value | null {
  const close = CLOSING[opening] ?? opening;
  const long = opening.length >= 3 && !opening.includes('\\');
  const limit = long || opening === '`' ? text.length : from + lineEnd(text.slice(from));
  let end = from;
  while (end < limit && !text.startsWith(close, end)) {
    end += text[end] === '\\' && opening.length === 1 ? 2 : 1;
  }
  end = Math.min(end, limit);
  return end > from ? { start: from, end, near: true, literal: true } : null;
}

/** What stands before a name that has its line for itself, at most, in characters. */
const MOST_LEAD = 60;

/** A value without quotes behind an assignment. */
export function bare(text: string, nameAt: number, reach: string, from: number, sign: string): Value | null {
  const above = text.slice(Math.max(0, nameAt - MOST_LEAD), nameAt);
  const lineStart = above.lastIndexOf('\n') + 1;
  const lead = lineStart === 0 && nameAt > MOST_LEAD ? null : above.slice(lineStart);
  const alone =
    lead !== null &&
    /^[\s>#*/;-]*(?:(?:export|set|setx|env|arg|rem|local|readonly|declare|-e|-D|\$env:|[•·])\s*)?["']?$/i.test(
      lead,
    );
  const rest = reach.slice(from, from + lineEnd(reach.slice(from)));
  // A connection string: blanks belong to its values.
  const pair = /^[^;"'=\n]{1,80}(?=;[ \t]*[A-Za-z][\w ]{1,30}=)/.exec(rest)?.[0];
  if (pair?.includes(' ')) {
    return { start: from, end: from + pair.length, near: true, literal: true };
  }
  // ODBC and JDBC quote with braces; elsewhere those are code.
  const braced = text[nameAt - 1] === ';' ? /^\{([^{}\n]{3,80})\}/.exec(rest)?.[1] : undefined;
  if (braced) {
    return { start: from + 1, end: from + 1 + braced.length, near: true, literal: true };
  }
  if (alone && sign === '=' && !/^[A-Za-z_][\w.$:>?-]*[([{].*[)\]}],?\s*$/.test(rest)) {
    // A line of an environment file: all of it, up to a comment.
    return bareUntil(rest, 0, /\s#|(?<!\s)\s*$|\s(?=\w{1,80}=)/, from);
  }
  if (
    alone &&
    /^["']?[ \t]*[:=：]/.test(sign) &&
    /^[^\s,;(){}[\]"'`]+(?:[ \t]+[^\s,;(){}[\]"'`#]+)+\s*$/.test(rest.slice(0, 200))
  ) {
    return bareUntil(rest, 0, /(?<!\s)\s*$/, from);
  }
  const value = bareUntil(rest, 0, /[\s"'`<>;,&|]|\\["'nr]|%26/, from);
  if (!value || /^[\w.$:>?-]*[([{]/.test(reach.slice(value.start, value.end))) {
    return null;
  }
  const behind = reach.slice(value.end);
  const inConnection = text.slice(Math.max(0, nameAt - 3), nameAt).includes(';') && /^[ \t]*;/.test(behind);
  const literal =
    inConnection ||
    (/^["'`;&<\\]|^[ \t]*(?:#.*)?(?:\r?\n|$)|^,? [a-z(]+ [a-z]+ /.test(behind) &&
      !/^[ \t]*(?:;[ \t]*)?\/\//.test(behind));
  return { ...value, literal };
}

const OPENED: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** From `from` up to what `stop` finds, without closing marks. `shift` is added to both ends. */
export function bareUntil(text: string, from: number, stop: RegExp, shift = 0): Value | null {
  const length = text.slice(from, from + 300).search(stop);
  let end = length < 0 ? Math.min(text.length, from + 300) : from + length;
  while (end > from && /[.,;:)\]}"'`\\]/.test(text[end - 1]!)) {
    // One that was opened within belongs to it.
    const opening = OPENED[text[end - 1]!];
    if (opening && text.slice(from + 1, end).includes(opening)) break;
    end--;
  }
  return end > from ? { start: from + shift, end: end + shift, near: true, literal: true } : null;
}
