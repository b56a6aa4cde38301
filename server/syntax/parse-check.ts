/**
 * Does a text parse where it stands? By tree-sitter's grammars, loaded when a language is first asked for; a language
 * without one is not checked. What a completion's window cuts off (a block opened above it, one closed below it) is made
 * up for first, so that only the text itself is judged.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Node, Parser } from '@vscode/tree-sitter-wasm';

export type ParseVerdict = 'parses' | 'breaks' | 'not checked';

/** Where a text stands. */
export interface ParsePlace {
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
}

/** File endings, and editors' names of languages where the ending says nothing, by grammar. */
const GRAMMARS: Record<string, string> = {
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
  jsx: 'javascript',
  javascript: 'javascript',
  javascriptreact: 'javascript',
  ts: 'typescript',
  cts: 'typescript',
  mts: 'typescript',
  typescript: 'typescript',
  tsx: 'tsx',
  typescriptreact: 'tsx',
  py: 'python',
  pyi: 'python',
  python: 'python',
  go: 'go',
  java: 'java',
  rs: 'rust',
  rust: 'rust',
};

/** The grammars that the product brings along. */
export const GRAMMAR_NAMES = [...new Set(Object.values(GRAMMARS))];

const PACKAGE = path.join('node_modules', '@vscode', 'tree-sitter-wasm', 'wasm');
const PAIRS: Record<string, string> = { ')': '(', ']': '[', '}': '{' };
const CLOSERS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/** One parser a language, for the life of the process. */
export class ParseCheck {
  private readonly parsers = new Map<string, Promise<Parser | null>>();

  /**
   * 'breaks' where the code has a parse error at the text that it does not have without it. An error that encloses the
   * place on both sides with and without the text is the surroundings' own.
   */
  async verdict(place: ParsePlace, text: string): Promise<ParseVerdict> {
    const grammar = grammarOf(place.path, place.languageId);
    if (grammar === null) return 'not checked';
    this.parsers.set(grammar, this.parsers.get(grammar) ?? openParser(grammar));
    const parser = await this.parsers.get(grammar);
    if (!parser) return 'not checked';
    const { before, after } = balanced(place.prefix, place.suffix, text);
    const start = before.length + place.prefix.length;
    const around = (middle: string) => before + place.prefix + middle + place.suffix + after;
    const errors = errorsAt(parser, around(text), start, start + text.length);
    if (errors.length === 0) return 'parses';
    const without = errorsAt(parser, around(''), start, start);
    const enclosing = (error: Span, end: number) => error.from < start && error.to > end;
    const own = errors.filter((error) => !enclosing(error, start + text.length));
    if (own.length === 0 && without.some((error) => enclosing(error, start))) return 'parses';
    return 'breaks';
  }
}

function grammarOf(file: string, languageId: string): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return (dot >= 0 ? GRAMMARS[name.slice(dot + 1)] : undefined) ?? GRAMMARS[languageId] ?? null;
}

/** A grammar that is missing or cannot be read costs the check, not the round. */
async function openParser(grammar: string): Promise<Parser | null> {
  const folder = grammarFolder();
  if (folder === null) return null;
  try {
    const loaded = await import('@vscode/tree-sitter-wasm');
    // A bundle finds the names of a CommonJS module on it, Node behind `default`.
    const { Language, Parser } = loaded.default ?? loaded;
    const runtime = { wasmBinary: readFileSync(path.join(folder, 'tree-sitter.wasm')) };
    await Parser.init(runtime as unknown as Parameters<typeof Parser.init>[0]);
    const language = await Language.load(readFileSync(path.join(folder, `tree-sitter-${grammar}.wasm`)));
    return new Parser().setLanguage(language);
  } catch {
    return null;
  }
}

/** Beside the bundle, or in the package where the sources run. */
function grammarFolder(): string | null {
  const beside = path.join(__dirname, 'grammars');
  if (existsSync(beside)) return beside;
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const found = path.join(folder, PACKAGE);
    if (existsSync(found)) return found;
    if (folder === path.dirname(folder)) return null;
  }
}

interface Span {
  from: number;
  to: number;
}

/** Parse errors and missing tokens that touch a range; white space beside it counts as the range. */
function errorsAt(parser: Parser, code: string, from: number, to: number): Span[] {
  const tree = parser.parse(code);
  if (!tree) return [];
  const end = to + /^[ \t]*\n?/.exec(code.slice(to))![0].length;
  const begin = from - /[ \t]*$/.exec(code.slice(0, from))![0].length;
  const found: Span[] = [];
  const visit = (node: Node) => {
    if (!node.hasError || node.endIndex < begin || node.startIndex > end) return;
    if (node.isError || node.isMissing) found.push({ from: node.startIndex, to: node.endIndex });
    for (const child of node.children) if (child) visit(child);
  };
  visit(tree.rootNode);
  tree.delete();
  return found;
}

/**
 * What closes the blocks that the window's end cuts off, and opens those that its start does. Brackets of the text itself
 * are never made up for: one too many must show as an error.
 */
function balanced(prefix: string, suffix: string, text: string): { before: string; after: string } {
  const tagged = (code: string, own: boolean) => brackets(code).map((bracket) => ({ bracket, own }));
  const open: { bracket: string; own: boolean }[] = [];
  let before = '';
  for (const one of [...tagged(prefix, false), ...tagged(text, true), ...tagged(suffix, false)]) {
    const opener = PAIRS[one.bracket];
    if (opener === undefined) {
      open.push(one);
      continue;
    }
    while (open.at(-1)?.own && open.at(-1)!.bracket !== opener) open.pop();
    if (open.length > 0) open.pop();
    else if (!one.own) before = opener + before;
  }
  const cut = open.filter(({ own }) => !own).reverse();
  return {
    before: before && `${before}\n`,
    after: cut.map(({ bracket }) => CLOSERS[bracket]).join(''),
  };
}

/** Brackets outside strings and comments, roughly: enough to make up for a window's edges. */
function brackets(code: string): string[] {
  const pattern =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[()[\]{}]/g;
  return (code.match(pattern) ?? []).filter((match) => match.length === 1);
}
