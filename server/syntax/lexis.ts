/** How a language writes comments and strings: what a scan for brackets has to know where there is no grammar. */

export interface Lexis {
  /** Marks of comments that go on to the line's end. */
  lineComments: readonly string[];
  blockComments: readonly (readonly [open: string, close: string])[];
  /**
   * What a single quote begins: 'string', 'character' (one, as in C; a lifetime in Rust begins none), 'nothing' (quoted
   * lists, prose), or 'unknown', where it is guessed from what follows.
   */
  apostrophe: 'string' | 'character' | 'nothing' | 'unknown';
  /** What a backtick begins: a template with `${…}`, a raw string, or nothing. */
  backtick: 'template' | 'raw' | 'nothing';
  /** `"…"` may go on over lines. */
  multilineStrings?: boolean;
  /** `/…/` is a regular expression where no operand stands before it. */
  regularExpressions?: boolean;
  /** What begins code within `"…"`, with its bracket last. */
  interpolation?: '${' | '#{' | '\\(';
  /** A backslash outside of strings takes the next character's meaning, as in `#\(`. */
  escapesOutside?: boolean;
}

const SLASHES = { lineComments: ['//'], blockComments: [['/*', '*/']] } as const;

const script: Lexis = {
  ...SLASHES,
  apostrophe: 'string',
  backtick: 'template',
  regularExpressions: true,
};
const c: Lexis = { ...SLASHES, apostrophe: 'character', backtick: 'nothing' };
const go: Lexis = { ...c, backtick: 'raw' };
const rust: Lexis = { ...c, multilineStrings: true };
const quoted: Lexis = { ...SLASHES, apostrophe: 'string', backtick: 'nothing' };
const css: Lexis = { ...quoted, lineComments: [] };
const php: Lexis = { ...quoted, lineComments: ['//', '#'], multilineStrings: true };
const hash: Lexis = { lineComments: ['#'], blockComments: [], apostrophe: 'string', backtick: 'nothing' };
const ruby: Lexis = { ...hash, regularExpressions: true, multilineStrings: true, interpolation: '#{' };
const kotlin: Lexis = { ...c, interpolation: '${' };
const swift: Lexis = { ...c, interpolation: '\\(' };
const shell: Lexis = { ...hash, multilineStrings: true, escapesOutside: true };
const dashes: Lexis = {
  lineComments: ['--'],
  blockComments: [
    ['--[[', ']]'],
    ['/*', '*/'],
  ],
  apostrophe: 'string',
  backtick: 'nothing',
};
const haskell: Lexis = {
  lineComments: ['--'],
  blockComments: [['{-', '-}']],
  apostrophe: 'character',
  backtick: 'nothing',
};
const lisp: Lexis = {
  lineComments: [';'],
  blockComments: [['#|', '|#']],
  apostrophe: 'nothing',
  backtick: 'nothing',
  multilineStrings: true,
  escapesOutside: true,
};
const percent: Lexis = { ...hash, lineComments: ['%'], escapesOutside: true, apostrophe: 'nothing' };
const ml: Lexis = {
  lineComments: ['//'],
  blockComments: [['(*', '*)']],
  apostrophe: 'character',
  backtick: 'nothing',
};
const prose: Lexis = {
  lineComments: [],
  blockComments: [['<!--', '-->']],
  apostrophe: 'nothing',
  backtick: 'nothing',
};

/** Languages that nobody listed: the marks that most use, told from other uses by the blanks around them. */
export const unknownLexis: Lexis = {
  lineComments: ['//', '# ', '-- ', ';; '],
  blockComments: [['/*', '*/']],
  apostrophe: 'unknown',
  backtick: 'template',
  regularExpressions: true,
};

/** File endings and editors' names of languages, by what they share. */
const FAMILIES: readonly (readonly [Lexis, string])[] = [
  [
    script,
    'js jsx mjs cjs ts tsx mts cts vue svelte astro javascript javascriptreact typescript typescriptreact',
  ],
  [c, 'c h cc cpp cxx hpp hh cs java zig m mm proto glsl hlsl csharp objective-c'],
  [kotlin, 'kt kts kotlin scala sc'],
  [swift, 'swift'],
  [go, 'go'],
  [rust, 'rs rust'],
  [quoted, 'dart groovy gradle json jsonc json5 jsonnet scss sass less hcl tf sol v'],
  [css, 'css'],
  [php, 'php'],
  [hash, 'py pyi python yml yaml toml r jl julia nix cmake gd makefile dockerfile ini properties'],
  [ruby, 'rb ruby pl pm perl cr coffee ex exs elixir'],
  [shell, 'sh bash zsh fish ps1 shellscript powershell'],
  [dashes, 'sql lua ada adb ads vhd vhdl'],
  [haskell, 'hs haskell elm purs idr'],
  [lisp, 'clj cljs cljc edn lisp cl el scm rkt fnl clojure scheme racket asm s'],
  [percent, 'tex latex sty erl hrl erlang'],
  [ml, 'ml mli fs fsx fsi ocaml fsharp'],
  [prose, 'md markdown txt plaintext rst html htm xml svg adoc'],
];

const LEXES = new Map(FAMILIES.flatMap(([lexis, names]) => names.split(' ').map((name) => [name, lexis])));

/** Lisp is told by its first words: no other language is so far from the rest. */
const LISP = /^\s*(?:;|\((?:def|ns\b|let\b|set|lambda\b|import\b|require\b|in-package\b|provide\b|module\b))/;

/**
 * By the file's ending, else by its language, else `unknownLexis`.
 * @param code the beginning of the code: where nothing else says what it is, it may
 */
export function lexisOf(path: string, languageId = '', code = ''): Lexis {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  return (
    LEXES.get(dot >= 0 ? name.slice(dot + 1) : name) ??
    LEXES.get(languageId.toLowerCase()) ??
    (LISP.test(code) ? lisp : unknownLexis)
  );
}
