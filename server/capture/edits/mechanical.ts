/**
 * Edits that say nothing about what the code should do: what a formatter or a linter's fix puts, and code commented out. Two
 * texts that differ by such edits alone have the same normal form.
 */
import { commentMark } from '../../syntax/comment-syntax';
import { lineComment, type Token, tokensOf } from '../../syntax/tokens';

/** Longer texts are compared without their blanks only. */
const MOST = 8_000;

/** Languages in which `'` and `"` delimit the same strings. */
const EITHER_QUOTE = new Set([
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'vue',
  'svelte',
  'python',
  'css',
  'scss',
  'sass',
  'less',
  'html',
  'xml',
  'yaml',
  'lua',
  'dart',
  'r',
  'graphql',
  'json5',
]);
/** Those in which the double one also expands what stands in it. */
const EXPANDING_QUOTE = new Set(['php', 'ruby', 'shellscript', 'perl', 'groovy', 'elixir']);
const SCRIPT = new Set(['javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'vue', 'svelte']);
const ANY_CASE = new Set(['sql', 'plsql', 'mysql', 'postgres', 'pascal', 'vb']);

/** Whether `after` is `before` in another form, or commented out: then the developer corrected nothing. */
export function isMechanical(before: string, after: string, languageId: string): boolean {
  return sameForm(before, after, languageId) || isCommentedOut(before, after, languageId);
}

/** Whether two texts differ in blanks, punctuation, quotes, `let` and `const`, or the case of literals only. */
export function sameForm(before: string, after: string, languageId: string): boolean {
  if (before === after) {
    return true;
  }
  if (before.length > MOST || after.length > MOST) {
    return before.replace(/\s/g, '') === after.replace(/\s/g, '');
  }
  const a = normalForm(before, languageId);
  const b = normalForm(after, languageId);
  return a.length > 0 && a.length === b.length && a.every((token, i) => token === b[i]);
}

/** Whether lines of `before` became comments, and nothing else changed. */
export function isCommentedOut(before: string, after: string, languageId: string): boolean {
  if (before.length > MOST || after.length > MOST) {
    return false;
  }
  const marked = uncommented(after, languageId);
  return marked !== after && sameForm(uncommented(before, languageId), marked, languageId);
}

/** The text without the marks that make lines comments, or the whole of it one. */
function uncommented(text: string, languageId: string): string {
  const block = /^(\s*)(?:\{\s*)?(?:\/\*|<!--|\(\*|""")([\s\S]*?)(?:\*\/|-->|\*\)|""")(?:\s*\})?(\s*)$/.exec(
    text,
  );
  if (block) {
    return `${block[1]}${block[2]}${block[3]}`;
  }
  const mark = lineComment(commentMark('', languageId)) ?? '//';
  return text
    .split('\n')
    .map((line) => {
      let code = line.trimStart();
      const commented = code.startsWith(mark);
      while (code.startsWith(mark)) {
        code = code.slice(mark.length);
      }
      return commented ? code : line;
    })
    .join('\n');
}

function normalForm(code: string, languageId: string): string[] {
  const tokens = tokensOf(code, languageId);
  const dropped = new Set<number>();
  dropPunctuation(tokens, languageId, dropped);
  dropParentheses(tokens, languageId, dropped);
  return tokens.filter((_, i) => !dropped.has(i)).map((token) => written(token, languageId));
}

/** The token as it counts. */
function written(token: Token, languageId: string): string {
  const { kind, text } = token;
  switch (kind) {
    case 'number':
    case 'colour':
      return text.toLowerCase();
    case 'comment':
      return text.replace(/\s+/g, ' ').trim();
    case 'string':
      return stringForm(token, languageId);
    case 'word':
      if (ANY_CASE.has(languageId)) {
        return text.toLowerCase();
      }
      return SCRIPT.has(languageId) && text === 'let' ? 'const' : text;
    case 'punctuation':
      return text;
  }
}

function stringForm({ text, prefix = '', quote = '' }: Token, languageId: string): string {
  const letters = prefix.toLowerCase().replace(languageId === 'python' ? 'u' : '', '');
  const plain = text.replace(/\\(['"`])/g, '$1');
  const either =
    (EITHER_QUOTE.has(languageId) && (quote !== '`' || !text.includes('${'))) ||
    (EXPANDING_QUOTE.has(languageId) && !/[$#\\`@]/.test(text));
  return either ? `${letters}"${plain}"` : `${letters}${quote}${text}${quote}`;
}

const OPENERS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const CLOSERS = new Set(Object.values(OPENERS));

/** Semicolons that end a statement, commas behind the last of a list: formatters put and take them. */
function dropPunctuation(tokens: readonly Token[], languageId: string, dropped: Set<number>): void {
  const open: { bracket: string; at: number; commas: number }[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'punctuation') {
      return;
    }
    const { text } = token;
    if (OPENERS[text]) {
      open.push({ bracket: text, at: i, commas: 0 });
    } else if (CLOSERS.has(text)) {
      open.pop();
    } else if (text === ';' && open.at(-1)?.bracket !== '(') {
      dropped.add(i);
    } else if (text === ',') {
      const around = open.at(-1);
      const next = tokens[i + 1];
      const last = !next || (next.kind === 'punctuation' && CLOSERS.has(next.text));
      // (a,) is a tuple in Python, (a) is not.
      const tuple =
        languageId === 'python' &&
        around?.bracket === '(' &&
        around.commas === 0 &&
        !isCallee(tokens[around.at - 1]);
      if (around) {
        around.commas++;
      }
      if (last && !tuple) {
        dropped.add(i);
      }
    }
  });
}

/** Whether an opening parenthesis behind this token is a call's or a declaration's. */
function isCallee(token: Token | undefined): boolean {
  return (
    token !== undefined &&
    ((token.kind === 'word' && !BEFORE_EXPRESSION.has(token.text)) || /[)\]>]/.test(token.text.slice(-1)))
  );
}

const BEFORE_EXPRESSION = new Set([
  'return',
  'await',
  'yield',
  'throw',
  'if',
  'elif',
  'while',
  'in',
  'not',
  'and',
  'or',
  'assert',
  'del',
  'case',
  'else',
  'default',
]);

/** Parentheses around a whole expression, and around a single parameter of an arrow function. */
function dropParentheses(tokens: readonly Token[], languageId: string, dropped: Set<number>): void {
  const open: { at: number; hasComma: boolean }[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== 'punctuation') {
      return;
    }
    if (OPENERS[token.text]) {
      open.push({ at: i, hasComma: false });
    } else if (token.text === ',' && open.length > 0) {
      open.at(-1)!.hasComma = true;
    } else if (CLOSERS.has(token.text)) {
      const group = open.pop();
      const parentheses = group && token.text === ')' && tokens[group.at]!.text === '(';
      if (parentheses && i > group.at + 1 && isRedundant(tokens, group.at, i, group.hasComma, languageId)) {
        dropped.add(group.at).add(i);
      }
    }
  });
}

function isRedundant(
  tokens: readonly Token[],
  from: number,
  to: number,
  hasComma: boolean,
  languageId: string,
): boolean {
  const before = tokens[from - 1];
  const after = tokens[to + 1];
  const arrow = after?.text === '=' && tokens[to + 2]?.text === '>';
  if (arrow) {
    return (
      SCRIPT.has(languageId) && to === from + 2 && tokens[from + 1]?.kind === 'word' && !isCallee(before)
    );
  }
  const begins =
    before?.kind === 'word'
      ? BEFORE_EXPRESSION.has(before.text)
      : before?.text === '=' || (before?.text === '>' && tokens[from - 2]?.text === '=');
  const ends =
    after === undefined ||
    (after.beginsLine && after.kind !== 'punctuation') ||
    /^[;:,)\]}{]$/.test(after.text);
  if (!begins || !ends || !hasComma) {
    return begins && ends;
  }
  // `return (a, b)` in Python is the tuple itself; elsewhere the last of them.
  return languageId === 'python' && (before?.text === '=' || before?.text === 'return');
}
