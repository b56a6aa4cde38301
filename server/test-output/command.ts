/** Whether a command can be a test run at all: what searches, prints, lints or compiles is none, whatever it prints. */

/** Programs that print what they are asked for, or do something else than running tests. */
const OTHER = new Set(
  (
    'grep egrep fgrep rg ag ack cat bat less more head tail ls find fd tree echo printf sed awk cut sort uniq wc diff delta git gh hub ' +
    'cp mv rm mkdir touch chmod ln open code vim vi nano emacs man which type history curl wget ssh scp rsync tar unzip jq yq xmllint ' +
    'eslint biome prettier tsc vue-tsc tslint stylelint oxlint dprint rome standard xo knip ' +
    'ruff flake8 pylint mypy pyright black isort pyflakes bandit pip pip3 uvx pre-commit ' +
    'rubocop shellcheck hadolint yamllint markdownlint golangci-lint staticcheck gofmt goimports rustfmt rustc clippy-driver clang-tidy clang-format ' +
    'gcc g++ cc c++ clang clang++ cl javac kotlinc scalac ghc msbuild ld swiftc swiftlint checkstyle ktlint phpstan psalm phpcs php-cs-fixer ' +
    'docker-credential-helper kubectl terraform'
  ).split(' '),
);
/** Tools with a part that runs tests and parts that do not. */
const PARTS: Record<string, RegExp> = {
  cargo: /^(?:build|check|clippy|fmt|doc|b|c|add|update|tree|fix|install|search|clean|metadata)$/,
  go: /^(?:build|vet|fmt|mod|get|install|list|env|doc|version|clean|generate|tool|fix)$/,
  dotnet: /^(?:build|restore|format|clean|publish|add|list|new|nuget|pack)$/,
  kubectl: /^(?!exec|logs|run)/,
  gh: /^(?!run|workflow)/,
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

/** False where each program of the command line is known to be something else than a test run. An empty command can be one. */
export function canBeTestRun(command: string): boolean {
  const programs = command
    .slice(0, 4_000)
    .split(/&&|\|\||;|\n/)
    // Of a pipe the first program prints what is read, the others only pass it on.
    .map((part) => part.split('|')[0]!.trim())
    .filter((part) => part !== '')
    .map(programOf)
    .filter((program) => program !== null);
  return programs.length === 0 || programs.some(([name, part]) => !isOther(name, part));
}

function isOther(name: string, part: string): boolean {
  const parts = PARTS[name];
  return parts ? parts.test(part) : OTHER.has(name);
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
    return /^(?:exec|x|dlx)$/.test(words[at + 1] ?? '') || OTHER.has(words[at + 1] ?? '');
  if (/^python[\d.]*$/.test(nameOf(word))) return words[at + 1] === '-m';
  return (
    at > 0 &&
    word.startsWith('-') &&
    (BEFORE.has(before) || /^(?:exec|x|dlx|-m)$/.test(before) || /^python/.test(before))
  );
}

function nameOf(word: string): string {
  return word
    .replace(/^["'`]+|["'`]+$/g, '')
    .replace(/^.*[\\/]/, '')
    .replace(/\.(?:exe|cmd|bat|ps1)$/i, '');
}
