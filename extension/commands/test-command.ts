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
  (project) =>
    ['deno.json', 'deno.jsonc', 'deno.lock'].some((name) => project.has(name)) ? 'deno test' : undefined,
  (project) => (project.has('Cargo.toml') ? 'cargo test' : undefined),
  (project) => (project.has('go.mod') ? 'go test ./...' : undefined),
  python,
  (project) => wrapper(project, 'gradlew', 'gradlew.bat', 'test'),
  // The top of a project of several parts has settings only.
  (project) =>
    ['build', 'settings'].some((name) => project.has(`${name}.gradle`) || project.has(`${name}.gradle.kts`))
      ? 'gradle test'
      : undefined,
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

/** The script of a package, by the package manager that it names, or else that its lock file belongs to. */
function npm(project: Project): string | undefined {
  const manifest = project.read('package.json');
  if (!manifest) return undefined;
  let script: unknown;
  let named: unknown;
  try {
    const parsed = JSON.parse(manifest);
    script = parsed?.scripts?.test;
    named = parsed?.packageManager;
  } catch {
    return undefined;
  }
  const manager = managerOf(project, named);
  if (typeof script !== 'string' || script.includes('no test specified'))
    return manager === 'bun' ? 'bun test' : undefined;
  return manager === 'bun' ? 'bun run test' : `${manager} test`;
}

const MANAGERS: Record<string, string[]> = {
  pnpm: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  yarn: ['yarn.lock', '.yarnrc.yml'],
  bun: ['bun.lock', 'bun.lockb', 'bunfig.toml'],
};

/** @param named what the manifest's `packageManager` says, like `pnpm@9.1.0` */
function managerOf(project: Project, named: unknown): string {
  const name = typeof named === 'string' ? (named.split('@')[0] ?? '') : '';
  if (name === 'npm' || Object.hasOwn(MANAGERS, name)) return name;
  const found = Object.entries(MANAGERS).find(([, files]) => files.some((file) => project.has(file)));
  return found?.[0] ?? 'npm';
}

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
  if (!atTop) return `${command} -m unittest discover${folder ? ` -s ${folder}` : ''}`;
  // By itself unittest finds `test_a.py` and not `a_test.py`.
  const found = project.names().some((name) => /^test.*\.py$/.test(name));
  return `${command} -m unittest discover${found ? '' : ' -p "*_test.py"'}`;
}

function make(project: Project): string | undefined {
  const text = ['GNUmakefile', 'makefile', 'Makefile'].map((name) => project.read(name)).find(Boolean);
  const targets = (text ?? '').split('\n').flatMap(targetsIn);
  const target = ['test', 'tests', 'check'].find((name) => targets.includes(name));
  return target && `make ${target}`;
}

/** The targets of a rule (`test check: all`); none where the line is a variable's (`test := 1`). */
function targetsIn(line: string): string[] {
  const colon = line.indexOf(':');
  if (colon < 1 || /^[\s#.]/.test(line) || /^:{1,3}=/.test(line.slice(colon))) return [];
  const before = line.slice(0, colon);
  return before.includes('=') ? [] : before.trim().split(/\s+/);
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
