/** Guesses how a project runs its tests. Knows files only through `Project`, so that it can be tested alone. */

/** What lies at the top of a project. */
export interface Project {
  has(name: string): boolean;
  /** The text of one of `PROJECT_FILES`, or undefined where there is none. */
  read(name: string): string | undefined;
  /** Names of the files and folders at the top. */
  names(): string[];
  windows: boolean;
  /** How Python is called there, and whether it has pytest. */
  python: { command: string; pytest: boolean };
}

/** Files whose text says how the project is tested. */
export const PROJECT_FILES = [
  'package.json',
  'pyproject.toml',
  'setup.cfg',
  'tox.ini',
  'Makefile',
  'makefile',
  'GNUmakefile',
];

type Guess = (project: Project) => string | undefined;

/** The first that fits wins: a file that says more about testing stands before one that says less. */
const GUESSES: Guess[] = [
  npm,
  (project) => (project.has('deno.json') || project.has('deno.jsonc') ? 'deno test' : undefined),
  (project) => (project.has('Cargo.toml') ? 'cargo test' : undefined),
  (project) => (project.has('go.mod') ? 'go test ./...' : undefined),
  python,
  (project) => wrapper(project, 'gradlew', 'gradlew.bat', 'test'),
  (project) => (project.has('build.gradle') || project.has('build.gradle.kts') ? 'gradle test' : undefined),
  (project) => wrapper(project, 'mvnw', 'mvnw.cmd', '-q test'),
  (project) => (project.has('pom.xml') ? 'mvn -q test' : undefined),
  (project) =>
    project.names().some((name) => /\.(sln|slnx|csproj|fsproj)$/.test(name)) ? 'dotnet test' : undefined,
  (project) =>
    project.has('phpunit.xml') || project.has('phpunit.xml.dist') ? 'vendor/bin/phpunit' : undefined,
  (project) => (project.has('spec') && project.has('Gemfile') ? 'bundle exec rspec' : undefined),
  (project) => (project.has('mix.exs') ? 'mix test' : undefined),
  (project) => (project.has('Package.swift') ? 'swift test' : undefined),
  make,
  node,
];

/** The command, or undefined where nothing in the project says how it is tested. */
export function guessTestCommand(project: Project): string | undefined {
  for (const guess of GUESSES) {
    const command = guess(project);
    if (command) return command;
  }
  return undefined;
}

/** The script of a package, by the package manager that its lock file belongs to. */
function npm(project: Project): string | undefined {
  const manifest = project.read('package.json');
  if (!manifest) return undefined;
  let script: unknown;
  try {
    script = JSON.parse(manifest).scripts?.test;
  } catch {
    return undefined;
  }
  if (typeof script !== 'string' || script.includes('no test specified'))
    return isBun(project) ? 'bun test' : undefined;
  if (project.has('pnpm-lock.yaml')) return 'pnpm test';
  if (project.has('yarn.lock')) return 'yarn test';
  return isBun(project) ? 'bun run test' : 'npm test';
}

const isBun = (project: Project): boolean => project.has('bun.lock') || project.has('bun.lockb');

/** A package without a script, whose tests Node itself finds. Where something else says more, that was taken. */
function node(project: Project): string | undefined {
  const tests = project.has('test') || project.names().some((name) => /\.test\.[cm]?js$/.test(name));
  return project.has('package.json') && tests ? 'node --test' : undefined;
}

/** A build tool that a project brings along. */
function wrapper(project: Project, unix: string, windows: string, rest: string): string | undefined {
  if (project.windows) return project.has(windows) ? `${windows} ${rest}` : undefined;
  return project.has(unix) ? `./${unix} ${rest}` : undefined;
}

/** Whether the project may be one of Python: only then its Python is asked for. */
export function usesPython(project: Pick<Project, 'names' | 'has'>): boolean {
  return (
    [
      'pyproject.toml',
      'setup.py',
      'setup.cfg',
      'tox.ini',
      'requirements.txt',
      'pytest.ini',
      'conftest.py',
    ].some((name) => project.has(name)) || project.names().some((name) => name.endsWith('.py'))
  );
}

function python(project: Project): string | undefined {
  const { command, pytest } = project.python;
  const configured =
    project.has('pytest.ini') ||
    project.has('conftest.py') ||
    /\[tool\.pytest/.test(project.read('pyproject.toml') ?? '') ||
    /\[(tool:)?pytest\]/.test(`${project.read('setup.cfg') ?? ''}${project.read('tox.ini') ?? ''}`);
  const folder = ['tests', 'test'].find((name) => project.has(name));
  const atTop = project.names().some((name) => /^test_.*\.py$|_test\.py$/.test(name));
  if (!configured && !(usesPython(project) && (folder !== undefined || atTop))) return undefined;
  // What is set up for pytest runs by it, or says that it is missing.
  if (pytest || configured) return `${command} -m pytest`;
  return `${command} -m unittest discover${folder && !atTop ? ` -s ${folder}` : ''}`;
}

function make(project: Project): string | undefined {
  const text = ['GNUmakefile', 'makefile', 'Makefile'].map((name) => project.read(name)).find(Boolean);
  return /^test\s*:/m.test(text ?? '') ? 'make test' : undefined;
}

const EXAMPLES: Record<string, string> = {
  python: 'python -m pytest',
  go: 'go test ./...',
  rust: 'cargo test',
  java: 'mvn -q test',
  kotlin: './gradlew test',
  csharp: 'dotnet test',
  ruby: 'bundle exec rspec',
  php: 'vendor/bin/phpunit',
  elixir: 'mix test',
  swift: 'swift test',
  c: 'make test',
  cpp: 'ctest --test-dir build',
};

/** A command as projects in this language use it. */
export const exampleFor = (languageId: string): string => EXAMPLES[languageId] ?? 'npm test';
