/** Tree-sitter's grammars, loaded when a language is first met. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Parser } from '@vscode/tree-sitter-wasm';

/**
 * Those of C++, Ruby and shells would be there too. They are left out: macros and blocks that end in a word beyond the window
 * read as errors, and 5 to 12 % of right lines would be cut or dropped (docs/completions.md).
 *
 * File endings, and editors' names of languages where the ending says nothing, by grammar. */
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
  cs: 'c-sharp',
  csharp: 'c-sharp',
  php: 'php',
};

/** The grammars that the product brings along. */
export const GRAMMAR_NAMES = [...new Set(Object.values(GRAMMARS))];

const PACKAGE = path.join('node_modules', '@vscode', 'tree-sitter-wasm', 'wasm');

/** One parser a language, for the life of the process. */
export class Grammars {
  private readonly parsers = new Map<string, Promise<Parser | null>>();

  /** The parser of a file's language; null where the product brings no grammar for it, or none that can be read. */
  async parserFor(file: string, languageId: string): Promise<Parser | null> {
    const grammar = grammarOf(file, languageId);
    if (grammar === null) return null;
    const parser = this.parsers.get(grammar) ?? openParser(grammar);
    this.parsers.set(grammar, parser);
    return parser;
  }
}

function grammarOf(file: string, languageId: string): string | null {
  const name = file.slice(file.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return (dot >= 0 ? GRAMMARS[name.slice(dot + 1)] : undefined) ?? GRAMMARS[languageId] ?? null;
}

/** A grammar that is missing or cannot be read costs the check, not the completion or the round. */
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
