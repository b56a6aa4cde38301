/** Guesses how a project runs its tests. Knows files only through `Project`, so that it can be tested alone. */

/** What lies at the top of a project. */
export interface Project {
  has(name: string): boolean;
  /** The text of one of `PROJECT_FILES`, or undefined where there is none. */
  read(name: string): string | undefined;
  /** Names of the files and folders at the top. */
  names(): string[];
}

/** Files whose text says how the project is tested. */
export const PROJECT_FILES = ['package.json', 'pyproject.toml', 'setup.cfg', 'tox.ini', 'Makefile'];

type Guess = (project: Project) => string | undefined;

/** The first that fits wins: a file that says more about testing stands before one that says less. */
const GUESSES: Guess[] = [
  npm,
  (project) => (project.has('deno.json') || project.has('deno.jsonc') ? 'deno test' : undefined),
  (project) => (project.has('Cargo.toml') ? 'cargo test' : undefined),
  (project) => (project.has('go.mod') ? 'go test ./...' : undefined),
  pytest,
  (project) => (project.has('gradlew') ? './gradlew test' : undefined),
  (project) => (project.has('build.gradle') || project.has('build.gradle.kts') ? 'gradle test' : undefined),
  (project) => (project.has('mvnw') ? './mvnw -q test' : undefined),
  (project) => (project.has('pom.xml') ? 'mvn -q test' : undefined),
  (project) =>
    project.names().some((name) => /\.(sln|slnx|csproj|fsproj)$/.test(name)) ? 'dotnet test' : undefined,
  (project) =>
    project.has('phpunit.xml') || project.has('phpunit.xml.dist') ? 'vendor/bin/phpunit' : undefined,
  (project) => (project.has('spec') && project.has('Gemfile') ? 'bundle exec rspec' : undefined),
  (project) => (project.has('mix.exs') ? 'mix test' : undefined),
  (project) => (project.has('Package.swift') ? 'swift test' : undefined),
  make,
];

/** The command, or undefined where nothing in the project says how it is tested. */
export function guessTestCommand(project: Project): string | undefined {
  for (const guess of GUESSES) {
    const command = guess(project);
    if (command) return command;
  }
  return undefined;
}

function npm(project: Project): string | undefined {
  const manifest = project.read('package.json');
  if (!manifest) return undefined;
  let script: unknown;
  try {
    script = JSON.parse(manifest).scripts?.test;
  } catch {
    return undefined;
  }
  if (typeof script !== 'string' || script.includes('no test specified')) return undefined;
  if (project.has('pnpm-lock.yaml')) return 'pnpm test';
  if (project.has('yarn.lock')) return 'yarn test';
  if (project.has('bun.lock') || project.has('bun.lockb')) return 'bun run test';
  return 'npm test';
}

function pytest(project: Project): string | undefined {
  const configured =
    project.has('pytest.ini') ||
    project.has('conftest.py') ||
    /\[tool\.pytest/.test(project.read('pyproject.toml') ?? '') ||
    /\[(tool:)?pytest\]/.test(`${project.read('setup.cfg') ?? ''}${project.read('tox.ini') ?? ''}`);
  if (configured) return 'python -m pytest';
  const python = project.has('pyproject.toml') || project.has('setup.py') || project.has('requirements.txt');
  if (python && (project.has('tests') || project.has('test'))) return 'python -m pytest';
  return project.names().some((name) => /^test_.*\.py$/.test(name)) ? 'python -m pytest' : undefined;
}

function make(project: Project): string | undefined {
  return /^test\s*:/m.test(project.read('Makefile') ?? '') ? 'make test' : undefined;
}
