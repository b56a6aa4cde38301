/**
 * One pass over code for its brackets and quotes, which knows comments, strings, regular expressions and the like by a
 * `Lexis`, and no grammar.
 */
import type { Lexis } from './lexis';

/** A bracket or quote that counts. */
export interface Mark {
  at: number;
  /** As written; with what precedes it where it begins code within a string. */
  text: string;
  kind: 'open' | 'close';
  /** Of what it closes, or of itself: the place of the opener; -1 where that stands outside the code. */
  opener: number;
}

export interface Scanned {
  marks: Mark[];
  /** What is open at the end, the innermost last. A line comment is none of it. */
  open: Mark[];
  /** The end lies in a comment. */
  inComment: boolean;
  /** Where that comment begins; the code's length where there is none. */
  commentAt: number;
}

const CLOSER: Record<string, string> = { '(': ')', '[': ']', '{': '}', '${': '}', '#{': '}', '\\(': ')' };
const IDENTIFIER = /[\p{L}\p{N}_$]/u;
/** Letters that may stand right before a string and belong to it, as in Python and C++. */
const STRING_PREFIX = /(?:^|[^\p{L}\p{N}_$])(?:[rRbBfFuU]{1,2}|u8|L|c|br)$/u;
/** What a regular expression may stand behind: no operand. */
const BEFORE_REGEX =
  /(?:^|[(,=:[!&|?{};+\-*%~^\n]|=>|~[a-zA-Z]|\b(?:return|typeof|case|in|of|do|else|throw|await|yield|when|if|unless|and|or|not))[ \t]*$/;

export function scan(code: string, lexis: Lexis): Scanned {
  const marks: Mark[] = [];
  const open: Mark[] = [];
  const push = (at: number, text: string) => {
    const mark: Mark = { at, text, kind: 'open', opener: at };
    marks.push(mark);
    open.push(mark);
  };
  const pop = (at: number, text: string) =>
    marks.push({ at, text, kind: 'close', opener: open.pop()?.at ?? -1 });
  const close = (at: number, text: string) => {
    // The end of a block ends the round and square brackets that were left open in it.
    if (text === '}') while (isBracket(open.at(-1)) && matchesDeeper(open, text)) open.pop();
    const top = open.at(-1);
    if (top && CLOSER[top.text] === text) pop(at, text);
    else marks.push({ at, text, kind: 'close', opener: -1 });
  };
  let i = 0;
  while (i < code.length) {
    const top = open.at(-1)?.text;
    const character = code[i]!;
    if (top !== undefined && isQuote(top)) {
      const inner =
        top[0] === '`' ? lexis.backtick === 'template' && '${' : top[0] === '"' && lexis.interpolation;
      if (inner && code.startsWith(inner, i)) {
        push(i, inner);
        i += inner.length;
      } else if (character === '\\') i += 2;
      else if (code.startsWith(top, i)) {
        pop(i, top);
        i += top.length;
      } else {
        if (character === '\n' && top.length === 1 && top !== '`' && !lexis.multilineStrings) open.pop();
        i++;
      }
      continue;
    }
    const block = lexis.blockComments.find(([begin]) => code.startsWith(begin, i));
    if (block) {
      const end = code.indexOf(block[1], i + block[0].length);
      if (end < 0) return { marks, open, inComment: true, commentAt: i };
      i = end + block[1].length;
    } else if (lexis.lineComments.some((mark) => isLineComment(code, i, mark))) {
      const end = code.indexOf('\n', i);
      if (end < 0) return { marks, open, inComment: true, commentAt: i };
      i = end;
    } else if (character === '\\' && lexis.escapesOutside) i += 2;
    else if (character === '"' || character === "'" || character === '`') i = quote(code, i, lexis, push);
    else if (
      character === '/' &&
      lexis.regularExpressions &&
      BEFORE_REGEX.test(code.slice(Math.max(0, i - 16), i))
    ) {
      i = regexEnd(code, i);
    } else {
      if (character === '(' || character === '[' || character === '{') push(i, character);
      else if (character === ')' || character === ']' || character === '}') close(i, character);
      i++;
    }
  }
  return { marks, open, inComment: false, commentAt: code.length };
}

export const isQuote = (text: string): boolean => text[0] === '"' || text[0] === "'" || text[0] === '`';

function isBracket(mark: Mark | undefined): boolean {
  return mark?.text === '(' || mark?.text === '[';
}

/** Whether a closer has its opener below brackets of other kinds, with no string between. */
function matchesDeeper(open: readonly Mark[], closer: string): boolean {
  for (let i = open.length - 1; i >= 0 && !isQuote(open[i]!.text); i--)
    if (CLOSER[open[i]!.text] === closer) return true;
  return false;
}

/** A comment's mark where it can be one: not in an address, not `#` within a word, as in `$#` or `a.#b`. */
function isLineComment(code: string, at: number, mark: string): boolean {
  if (!code.startsWith(mark, at)) return false;
  const before = code[at - 1];
  if (mark === '//') return before !== ':';
  if (mark === ';' || mark === '%') return true;
  return before === undefined || /[\s;({[]/.test(before);
}

/** @returns where to go on: behind a character, or behind the quote that a string was pushed for */
function quote(code: string, at: number, lexis: Lexis, push: (at: number, text: string) => void): number {
  const character = code[at]!;
  const triple = character.repeat(3);
  if (character === '`') {
    if (lexis.backtick !== 'nothing') push(at, '`');
    return at + 1;
  }
  if (code.startsWith(triple, at) && (character === '"' || lexis.apostrophe === 'string')) {
    push(at, triple);
    return at + 3;
  }
  if (character === '"') {
    push(at, '"');
    return at + 1;
  }
  const literal = /'(?:\\[^\n'][^'\n]{0,8}|\\'|[^'\\\n])'/uy;
  literal.lastIndex = at;
  const match = literal.exec(code);
  if (lexis.apostrophe === 'nothing') return at + 1;
  if (lexis.apostrophe === 'character') {
    // A name with primes, and a number with separators, are no beginning.
    return match && !isInWord(code, at) ? literal.lastIndex : at + 1;
  }
  if (isInWord(code, at)) return at + 1;
  if (lexis.apostrophe === 'unknown') {
    if (match) return literal.lastIndex;
    if (/[&<]$/.test(code.slice(0, at)) && /^'[a-z_]\w*[^\w']/.test(code.slice(at, at + 40))) return at + 1;
    if (code[at + 1] === '(' && /^\s*[(;]/.test(code)) return at + 1;
  }
  const lineEnd = code.indexOf('\n', at);
  const closes = /'(?:\\.|[^'\\\n])*'/y;
  closes.lastIndex = at;
  // On a line that is complete, a single quote without its fellow is an apostrophe.
  if (lineEnd >= 0 && !closes.test(code) && !lexis.multilineStrings) return at + 1;
  if (lexis.apostrophe === 'unknown' && lineEnd < 0) {
    closes.lastIndex = at;
    if (!closes.test(code) && /[\w&<]'|'\(/.test(code.slice(Math.max(0, at - 1), at + 2))) return at + 1;
  }
  push(at, "'");
  return at + 1;
}

function isInWord(code: string, at: number): boolean {
  return IDENTIFIER.test(code[at - 1] ?? '') && !STRING_PREFIX.test(code.slice(Math.max(0, at - 4), at));
}

/** Behind a regular expression that ends on its line; behind its first slash where none does. */
function regexEnd(code: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < code.length && code[i] !== '\n'; i++) {
    if (code[i] === '\\') i++;
    else if (code[i] === '[') inClass = true;
    else if (code[i] === ']') inClass = false;
    else if (code[i] === '/' && !inClass) return i === at + 1 ? at + 1 : i + 1;
  }
  return at + 1;
}
