/** The brackets of a piece of code that count: by the language's grammar where one is at hand, else by a scan. */
import type { Parser, Tree } from '@vscode/tree-sitter-wasm';
import type { Lexis } from './lexis';
import { isQuote, scan } from './scan';

export interface Bracket {
  at: number;
  text: '(' | '[' | '{' | ')' | ']' | '}';
}

const CLOSERS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
const OPENERS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

/** The opener of a closer, and the closer of an opener. */
export const closerOf = (opener: string): string | undefined => CLOSERS[opener];
export const openerOf = (closer: string): string | undefined => OPENERS[closer];

/** Brackets in code by the scan alone. */
export function scannedBrackets(code: string, lexis: Lexis): Bracket[] {
  return scan(code, lexis)
    .marks.filter(({ text }) => !isQuote(text))
    .map(({ at, text }) => ({ at: at + text.length - 1, text: text.at(-1) as Bracket['text'] }));
}

/**
 * Brackets that are tokens of their own in the tree: not those in comments, strings, regular expressions or text.
 * Where the parser skipped something it could not read, the scan decides.
 *
 * @param from index of the code from where on they are wanted
 */
export function treeBrackets(tree: Tree, code: string, lexis: Lexis, from = 0): Bracket[] {
  const found: Bracket[] = [];
  let scanned: Set<number> | null = null;
  for (const { index, 0: text } of code.matchAll(/[()[\]{}]/g)) {
    if (index < from) continue;
    const leaf = tree.rootNode.descendantForIndex(index, index + 1);
    let counts = leaf !== null && !leaf.isNamed;
    if (leaf === null || leaf.isError || leaf.childCount > 0) {
      scanned ??= new Set(scannedBrackets(code, lexis).map(({ at }) => at));
      counts = scanned.has(index);
    }
    if (counts) found.push({ at: index, text: text as Bracket['text'] });
  }
  return found;
}

/**
 * How many brackets are opened and not closed. What is closed without having been opened, belongs to the code before and
 * counts for nothing.
 */
export function unclosedOf(brackets: readonly Bracket[]): number {
  const open: string[] = [];
  for (const { text } of brackets) {
    if (CLOSERS[text]) open.push(text);
    else if (open.at(-1) === OPENERS[text]) open.pop();
  }
  return open.length;
}

/** Counts the brackets of a text behind a prefix; knows the language by `parser`, or by `lexis` alone. */
export class BracketCounter {
  private readonly before: string;
  private readonly known = new Map<string, number>();

  constructor(
    prefix: string,
    private readonly lexis: Lexis,
    private readonly parser: Parser | null = null,
  ) {
    this.before = parser ? lastLines(prefix, NEARBY) : prefix;
  }

  /**
   * Brackets that are opened behind `from` and still open at the text's end.
   *
   * @param from where to count from: an index of the text, or a negative one into the prefix
   */
  unclosed(text: string, from = 0): number {
    const key = `${from} ${text}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const count = unclosedOf(this.brackets(text, this.before.length + from));
    this.known.set(key, count);
    return count;
  }

  /** Whether the text ends in a string that has begun in it. */
  endsInString(text: string): boolean {
    const code = this.before + text;
    const innermost = scan(code, this.lexis).open.at(-1);
    return innermost !== undefined && isQuote(innermost.text) && innermost.at >= this.before.length;
  }

  private brackets(text: string, from: number): Bracket[] {
    const code = this.before + text;
    const plain = !MISREAD.test(code.slice(Math.max(0, from)));
    // Without quotes, comments or markup there is nothing that a parser would see otherwise.
    if (!this.parser || plain) return scannedBrackets(code, this.lexis).filter(({ at }) => at >= from);
    const tree = this.parser.parse(code);
    if (!tree) return scannedBrackets(code, this.lexis).filter(({ at }) => at >= from);
    try {
      return treeBrackets(tree, code, this.lexis, from);
    } finally {
      tree.delete();
    }
  }
}

const MISREAD = /['"`#/<;%\\]|--/;
/** Characters before the cursor that decide what a bracket behind it is. */
const NEARBY = 1500;

/** The end of a text, from a line's start on. */
export function lastLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const newline = text.indexOf('\n', text.length - most);
  return newline < 0 ? text.slice(-most) : text.slice(newline + 1);
}

/** The beginning of a text, up to a line's end. */
export function firstLines(text: string, most: number): string {
  if (text.length <= most) return text;
  const newline = text.lastIndexOf('\n', most);
  return newline < 0 ? text.slice(0, most) : text.slice(0, newline);
}
