/** Code as tokens, roughly, for any language: enough to see whether two texts differ in form only. */
import { commentMark } from './comment-syntax';

export interface Token {
  kind: 'word' | 'number' | 'string' | 'colour' | 'comment' | 'punctuation';
  /** As written; of a string what is between its quotes. */
  text: string;
  /** Of a string: its prefix (`f`, `r`) and its quote. */
  prefix?: string;
  quote?: string;
  /** The token begins a line, or the text. */
  beginsLine: boolean;
}

const BLANK = /[\s\uFEFF]+|\\\r?\n/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /\d[\p{L}\p{N}_]*(?:\.\d[\p{L}\p{N}_]*)?(?:(?<=[eE])[+-]\d+)?/uy;
const COLOUR = /#[0-9a-fA-F]{3,8}(?![\p{L}\p{N}_-])/uy;
const QUOTE = /'''|"""|['"`]/y;
/** A character, where `'` begins no string: `'a'`, `'\n'`; otherwise it is a lifetime, a transpose, a prime. */
const CHARACTER = /'(?:\\.[^'\n]{0,8}|[^'\\\n])'/y;

/** Languages in which `'` does not delimit strings of any length. */
const CHARACTERS_ONLY = new Set([
  'c',
  'cpp',
  'csharp',
  'java',
  'kotlin',
  'scala',
  'rust',
  'go',
  'swift',
  'haskell',
  'zig',
  'ocaml',
  'fsharp',
]);
const CSS = new Set(['css', 'scss', 'sass', 'less', 'stylus']);
const MARKUP = new Set(['html', 'xml', 'vue', 'svelte', 'markdown']);
/** Letters before a quote that belong to the string. */
const PREFIX = /^(?:[rRbBuUfF]{1,2}|[LuUR]|u8)$/;

/** The tokens of a piece of code. A string or comment that does not end goes to the end of its line, or of the text. */
export function tokensOf(code: string, languageId: string): Token[] {
  const tokens: Token[] = [];
  const mark = commentMark('', languageId);
  let at = 0;
  let beginsLine = true;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(code)?.[0] ?? null;
  };
  const push = (kind: Token['kind'], length: number, more: Partial<Token> = {}) => {
    tokens.push({ kind, text: code.slice(at, at + length), beginsLine, ...more });
    at += length;
    beginsLine = false;
  };
  while (at < code.length) {
    const blank = take(BLANK);
    if (blank) {
      beginsLine ||= blank.includes('\n');
      at += blank.length;
      continue;
    }
    const comment = commentAt(code, at, mark, languageId);
    if (comment > 0) {
      push('comment', comment);
      continue;
    }
    const colour = CSS.has(languageId) ? take(COLOUR) : null;
    if (colour) {
      push('colour', colour.length);
      continue;
    }
    const word = take(WORD);
    if (word) {
      const quoted = PREFIX.test(word) && /['"]/.test(code[at + word.length] ?? '');
      if (!quoted || !string(word)) {
        push('word', word.length);
      }
      continue;
    }
    const number = take(NUMBER);
    if (number) {
      push('number', number.length);
    } else if (!string('')) {
      push('punctuation', 1);
    }
  }
  return tokens;

  /** A string that begins here, behind its prefix. */
  function string(prefix: string): boolean {
    const begin = at + prefix.length;
    QUOTE.lastIndex = begin;
    const quote = QUOTE.exec(code)?.[0];
    if (!quote || (quote === "'" && CHARACTERS_ONLY.has(languageId) && !isCharacter(begin))) {
      return false;
    }
    const end = endOfString(code, begin + quote.length, quote);
    const text = code.slice(begin + quote.length, end);
    const closed = code.startsWith(quote, end) ? quote.length : 0;
    push('string', end + closed - at, { text, prefix, quote });
    return true;
  }

  function isCharacter(begin: number): boolean {
    CHARACTER.lastIndex = begin;
    return CHARACTER.test(code);
  }
}

function endOfString(code: string, from: number, quote: string): number {
  const long = quote.length > 1 || quote === '`';
  for (let i = from; i < code.length; i++) {
    if (code[i] === '\\') i++;
    else if (code.startsWith(quote, i) || (code[i] === '\n' && !long)) return i;
  }
  return code.length;
}

/** The length of the comment that begins here; 0 where none does. */
function commentAt(code: string, at: number, mark: string, languageId: string): number {
  const line = lineComment(mark);
  if (line !== null && code.startsWith(line, at) && !CSS.has(languageId) && !MARKUP.has(languageId)) {
    const end = code.indexOf('\n', at);
    return (end < 0 ? code.length : end) - at;
  }
  for (const [open, close] of BLOCK) {
    if (code.startsWith(open, at) && belongs(open, mark, languageId)) {
      const end = code.indexOf(close, at + open.length);
      return (end < 0 ? code.length : end + close.length) - at;
    }
  }
  return 0;
}

const BLOCK = [
  ['/*', '*/'],
  ['<!--', '-->'],
] as const;

function belongs(open: string, mark: string, languageId: string): boolean {
  return open === '/*' ? mark === '//' || mark === '--' || CSS.has(languageId) : MARKUP.has(languageId);
}

/** `;;` is how a comment is written, `;` is where it begins. */
export function lineComment(mark: string): string | null {
  return mark === ';;' ? ';' : mark;
}
