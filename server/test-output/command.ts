/** What a command can be: what searches, prints, lints or compiles is no test run, whatever it prints. */

/** `tests`: can be a test run. `build`: compiles or lints. `other`: prints what it is asked for, or moves files. */
export type CommandKind = 'tests' | 'build' | 'other';

const OTHER = new Set(
  (
    'grep egrep fgrep rg ag ack cat bat less more head tail ls find fd tree echo printf sed awk cut sort uniq wc diff delta git gh hub ' +
    'cp mv rm mkdir touch chmod ln open code vim vi nano emacs man which type history curl wget ssh scp rsync tar unzip jq yq xmllint kubectl terraform'
  ).split(' '),
);
const BUILD = new Set(
  (
    'eslint biome prettier tsc vue-tsc tslint stylelint oxlint dprint rome standard xo knip ' +
    'ruff flake8 pylint mypy pyright black isort pyflakes bandit pip pip3 uvx pre-commit ' +
    'rubocop shellcheck hadolint yamllint markdownlint golangci-lint staticcheck gofmt goimports rustfmt rustc clippy-driver clang-tidy clang-format ' +
    'gcc g++ cc c++ clang clang++ cl javac kotlinc scalac ghc msbuild ld swiftc swiftlint checkstyle ktlint phpstan psalm phpcs php-cs-fixer'
  ).split(' '),
);
/** Tools with a part that runs tests and parts that do not. */
const PARTS: Record<string, RegExp> = {
  cargo: /^(?:build|check|clippy|fmt|doc|b|c|add|update|tree|fix|install|search|clean|metadata)$/,
  go: /^(?:build|vet|fmt|mod|get|install|list|env|doc|version|clean|generate|tool|fix)$/,
  dotnet: /^(?:build|restore|format|clean|publish|add|list|new|nuget|pack)$/,
  kubectl: /^(?!exec|logs|run)/,
  gh: /^(?!run|workflow)/,
  terraform: /^(?!test)/,
};
/** What stands before the program itself. */
const BEFORE = new Set([
  'npx',
  'bunx',
  'pnpx',
  'sudo',
  'time',
  'command',
  'exec',
  'env',
  'nice',
  'nohup',
  'dlx',
  'poetry',
  'uv',
  'bundle',
  'pipenv',
  'rtk',
]);
const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun', 'deno']);
const NEUTRAL = new Set([
  'cd',
  'export',
  'set',
  'source',
  '.',
  'clear',
  'true',
  'pwd',
  'nvm',
  'pushd',
  'popd',
]);

/** A command line is a test run where one of its programs can be one. An empty command can be anything. */
export function kindOf(command: string): CommandKind {
  const kinds = command
    .slice(0, 4_000)
    .split(/&&|\|\||;|\n/)
    // Of a pipe the first program prints what is read, the others only pass it on.
    .map((part) => part.split('|')[0]!.trim())
    .filter((part) => part !== '')
    .map(programOf)
    .flatMap((program) => (program === null ? [] : kindOfProgram(...program)));
  if (kinds.length === 0 || kinds.includes('tests')) return 'tests';
  return kinds.includes('build') ? 'build' : 'other';
}

function kindOfProgram(name: string, part: string): CommandKind {
  const parts = PARTS[name];
  if (parts) return !parts.test(part) ? 'tests' : OTHER.has(name) ? 'other' : 'build';
  return BUILD.has(name) ? 'build' : OTHER.has(name) ? 'other' : 'tests';
}

/** The program a command starts, and its first word behind it; null for what only prepares the shell. */
function programOf(command: string): [string, string] | null {
  const words = command.replace(/^[({\s]+/, '').split(/\s+/);
  let i = 0;
  while (i < words.length - 1 && skipped(words, i)) i++;
  const name = nameOf(words[i] ?? '');
  return NEUTRAL.has(name) || /^\w+=/.test(words[i] ?? '') ? null : [name, words[i + 1] ?? ''];
}

/** Assignments, `npx`, `pnpm exec`, `poetry run`, `python -m`, and options of all these. */
function skipped(words: readonly string[], at: number): boolean {
  const word = words[at]!;
  const before = nameOf(words[at - 1] ?? '');
  if (/^\w+=/.test(word) || BEFORE.has(nameOf(word))) return true;
  if (/^(?:exec|run|x|dlx)$/.test(word) && (BEFORE.has(before) || MANAGERS.has(before))) {
    return BEFORE.has(before) || word !== 'run';
  }
  if (MANAGERS.has(nameOf(word)))
    return /^(?:exec|x|dlx)$/.test(words[at + 1] ?? '') || kindOfProgram(words[at + 1] ?? '', '') !== 'tests';
  if (/^python[\d.]*$/.test(nameOf(word))) return words[at + 1] === '-m';
  return (
    at > 0 &&
    word.startsWith('-') &&
    (BEFORE.has(before) || /^(?:exec|x|dlx|-m)$/.test(before) || /^python/.test(before))
  );
}

function nameOf(word: string): string {
  return word
    .replace(/^["'`]{1,3}|["'`]{1,3}$/g, '')
    .replace(/^.*[\\/]/, '')
    .replace(/\.(?:exe|cmd|bat|ps1)$/i, '');
}
