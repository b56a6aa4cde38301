/**
 * Does a text parse where it stands? A language without a grammar is not checked. What a completion's window cuts off (a
 * block opened above it, one closed below it) is made up for first, so that only the text itself is judged.
 */
import type { Node, Parser, Tree } from '@vscode/tree-sitter-wasm';
import {
  type Bracket,
  closerOf,
  firstLines,
  lastLines,
  openerOf,
  scannedBrackets,
  treeBrackets,
  unclosedOf,
} from './brackets';
import { Grammars } from './grammars';
import { type Lexis, lexisOf } from './lexis';
import { isQuote, type Mark, scan } from './scan';

export type ParseVerdict = 'parses' | 'breaks' | 'not checked';

/** Where a text stands. */
export interface ParsePlace {
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
}

interface Span {
  from: number;
  to: number;
  /** The node's: what is missing, or that something is wrong. */
  type: string;
}

export class ParseCheck {
  constructor(private readonly grammars = new Grammars()) {}

  /**
   * 'breaks' where the code has a parse error at the text that it does not have without it. An error that encloses the
   * place on both sides with and without the text is the surroundings' own.
   */
  async verdict(place: ParsePlace, text: string): Promise<ParseVerdict> {
    const parser = await this.grammars.parserFor(place.path, place.languageId);
    if (!parser) return 'not checked';
    const parsed = new ParsedPlace(parser, place, lexisOf(place.path, place.languageId, place.prefix));
    return parsed.ownErrors(text).length === 0 ? 'parses' : 'breaks';
  }
}

/** Characters around the cursor that are parsed for an offer: more costs time, and says nothing of the place. */
const BEFORE = 1500;
const AFTER = 500;
/** Ends that are tried from the text's end backwards, and from its first error: a long text must not take long. */
const ENDS_FROM_LAST = 12;
const ENDS_FROM_ERROR = 4;

/**
 * The longest part of a text, from its beginning on, that leaves no new parse error where it stands; null where none
 * does. Where the code is in error at the cursor and stays so with any part (a condition that has been begun), the text
 * is taken whole if it leaves no more errors than there were.
 */
export function longestParsing(parser: Parser, place: ParsePlace, text: string): string | null {
  const lexis = lexisOf(place.path, place.languageId, place.prefix);
  const prefix = lastLines(place.prefix, BEFORE);
  // A comment or a documentation that is begun goes on below.
  const begun = scan(prefix + text, lexis);
  if (begun.inComment || isLong(begun.open.at(-1))) return text;
  const near = { ...place, prefix, suffix: endedSuffix(prefix, firstLines(place.suffix, AFTER), lexis) };
  const parsed = new ParsedPlace(parser, near, lexis);
  const errors = parsed.ownErrors(text);
  if (errors.length === 0) return text;
  const first = Math.min(...errors.map(({ from }) => from - near.prefix.length));
  for (const end of ends(text, first)) {
    const part = text.slice(0, end);
    // Signs alone, an operator, and a bracket that is left open are the beginning of what did not parse.
    if (!/[\p{L}\p{N}]/u.test(part) || /[-=+*/%&|^<>,.:?!~@]$/.test(part)) continue;
    if (unclosedOf(scannedBrackets(part, lexis)) > 0) continue;
    if (parsed.ownErrors(part).length === 0) return part;
  }
  return errors.length <= parsed.ownErrors('').length ? text : null;
}

/** A string that goes on over lines in any language that has it. */
const isLong = (mark: Mark | undefined): boolean => mark !== undefined && /^(?:"""|'''|`)$/.test(mark.text);

/** Code behind the cursor without the comment or the string at its end that the window cuts. */
function endedSuffix(prefix: string, suffix: string, lexis: Lexis): string {
  const { inComment, commentAt, open } = scan(prefix + suffix, lexis);
  const string = open.find(({ text }) => isQuote(text));
  const end = (inComment ? commentAt : (string?.at ?? prefix.length + suffix.length)) - prefix.length;
  return end < 0 ? suffix : suffix.slice(0, end);
}

/** Where a text may be cut: behind its words and signs, the last first; and behind its lines. Never within a row of quotes. */
function ends(text: string, firstError: number): number[] {
  const tokens = [...text.matchAll(/[\p{L}\p{N}_$]+|`+|'+|"+|\S/gu)]
    .map(({ index, 0: token }) => index + token.length)
    .filter((end) => end < text.length)
    .reverse();
  const beforeError = tokens.filter((end) => end <= firstError);
  const lines = [...text.matchAll(/\S[ \t]*\n/g)].map(({ index }) => index + 1);
  const tried = [...tokens.slice(0, ENDS_FROM_LAST), ...beforeError.slice(0, ENDS_FROM_ERROR), ...lines];
  return [...new Set(tried)].sort((a, b) => b - a);
}

/** The code around a cursor, into which texts are put. */
class ParsedPlace {
  private without: Span[] | null = null;

  constructor(
    private readonly parser: Parser,
    private readonly place: ParsePlace,
    private readonly lexis: Lexis,
  ) {}

  /** Parse errors at the text that are not the surroundings' own, by their places in prefix + text + suffix. */
  ownErrors(text: string): Span[] {
    const start = this.place.prefix.length;
    const end = start + text.length;
    const encloses = ({ from, to }: Span, until: number) => from < start && to > until;
    const errors = text === '' ? this.errorsWithout() : this.errorsWith(text);
    const beside = errors.filter((span) => !encloses(span, end));
    const own = beside.length === 0 ? beside : beside.filter((span) => !this.isOlder(span, start, end));
    if (beside.length > 0 || errors.length === 0) return own;
    return this.errorsWithout().some((span) => encloses(span, start)) ? [] : errors;
  }

  /** The same error stands before the cursor or behind it without the text. */
  private isOlder({ from, to, type }: Span, start: number, end: number): boolean {
    if (from < end && to > start) return false;
    const shift = from >= end ? end - start : 0;
    return this.errorsWithout().some(
      (one) => one.type === type && one.from === from - shift && one.to === to - shift && one.to > one.from,
    );
  }

  private errorsWithout(): Span[] {
    this.without ??= this.errorsWith('');
    return this.without;
  }

  private errorsWith(text: string): Span[] {
    const { prefix, suffix } = this.place;
    const code = prefix + text + suffix;
    const start = prefix.length;
    const end = start + text.length;
    const brackets = this.parsed(code, (tree) => treeBrackets(tree, code, this.lexis)) ?? [];
    const { before, after } = balance(brackets, start, end);
    const shift = before.length;
    const whole = before + code + after;
    const errors = this.parsed(whole, (tree) => errorsAt(tree, whole, start + shift, end + shift)) ?? [];
    return errors.map((span) => ({ ...span, from: span.from - shift, to: span.to - shift }));
  }

  private parsed<T>(code: string, use: (tree: Tree) => T): T | null {
    const tree = this.parser.parse(code);
    if (!tree) return null;
    try {
      return use(tree);
    } finally {
      tree.delete();
    }
  }
}

/** Parse errors and missing tokens that touch a range; white space beside it counts as the range. */
function errorsAt(tree: Tree, code: string, from: number, to: number): Span[] {
  const end = to + /^[ \t]*\n?/.exec(code.slice(to))![0].length;
  const begin = from - /(?<![ \t])[ \t]*$/.exec(code.slice(0, from))![0].length;
  const found: Span[] = [];
  const visit = (node: Node) => {
    if (!node.hasError || node.endIndex < begin || node.startIndex > end) return;
    if (node.isError || node.isMissing)
      found.push({ from: node.startIndex, to: node.endIndex, type: node.type });
    for (const child of node.children) if (child) visit(child);
  };
  visit(tree.rootNode);
  return found;
}

/**
 * What closes the blocks that the window's end cuts off, and opens those that its start does. Brackets of the text itself
 * (from `start` to `end`) are never made up for: one too many must show as an error.
 */
function balance(
  brackets: readonly Bracket[],
  start: number,
  end: number,
): { before: string; after: string } {
  const open: { text: string; own: boolean }[] = [];
  let before = '';
  for (const { at, text } of brackets) {
    const own = at >= start && at < end;
    const opener = openerOf(text);
    if (opener === undefined) {
      open.push({ text, own });
      continue;
    }
    while (open.at(-1)?.own && open.at(-1)!.text !== opener) open.pop();
    if (open.length > 0) open.pop();
    else if (!own) before = opener + before;
  }
  const cut = open.filter(({ own }) => !own).reverse();
  return {
    before: before && `${before}\n`,
    after: cut.map(({ text }) => closerOf(text)).join(''),
  };
}
