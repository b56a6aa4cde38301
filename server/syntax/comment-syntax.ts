/** Comment syntax by file name, for models that have no token to set feedback apart from code. */

const HASH = new Set([
  'py',
  'rb',
  'sh',
  'bash',
  'zsh',
  'yml',
  'yaml',
  'toml',
  'pl',
  'r',
  'jl',
  'ex',
  'exs',
  'nix',
]);
const DASHES = new Set(['sql', 'lua', 'hs', 'elm', 'ada', 'vhd']);
const SEMICOLON = new Set(['clj', 'cljs', 'lisp', 'el', 'scm', 'asm']);
const PERCENT = new Set(['tex', 'erl', 'hrl']);

const ENDINGS: Record<string, string> = {
  python: 'py',
  ruby: 'rb',
  shellscript: 'sh',
  yaml: 'yml',
  perl: 'pl',
};

/** The line comment mark of a file, by its ending, else by its language; `//` where neither is known. */
export function commentMark(path: string, languageId = ''): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const dot = name.lastIndexOf('.');
  const ending = dot >= 0 ? name.slice(dot + 1) : (ENDINGS[languageId] ?? languageId);
  if (HASH.has(ending) || name === 'makefile' || name === 'dockerfile') return '#';
  if (DASHES.has(ending)) return '--';
  if (SEMICOLON.has(ending)) return ';;';
  return PERCENT.has(ending) ? '%' : '//';
}

/** Every line of `text` as a comment of the file's language. */
export function commentBlock(text: string, path: string, languageId = ''): string {
  const mark = commentMark(path, languageId);
  const lines = text.trimEnd().split('\n');
  return `${lines.map((line) => `${mark} ${line}`).join('\n')}\n`;
}
