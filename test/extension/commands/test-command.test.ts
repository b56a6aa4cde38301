import assert from 'node:assert/strict';
import { exampleFor, guessTestCommand, PROJECT_FILES } from '../../../extension/commands/test-command';

/** A project given by its files. */
function guess(
  files: Record<string, string>,
  more: Partial<Parameters<typeof guessTestCommand>[0]> = {},
): string | undefined {
  return guessTestCommand({
    has: (path) => path in files,
    read: (path) => (PROJECT_FILES.includes(path) ? files[path] : assert.fail(`${path} is not read`)),
    names: () => Object.keys(files),
    windows: false,
    python: { command: 'python', pytest: true },
    ...more,
  });
}

const manifest = (test: string) => JSON.stringify({ scripts: { test } });

describe('guessTestCommand', () => {
  const cases: [string, Record<string, string>, string | undefined][] = [
    ['npm', { 'package.json': manifest('node --test') }, 'npm test'],
    ['pnpm', { 'package.json': manifest('vitest'), 'pnpm-lock.yaml': '' }, 'pnpm test'],
    ['yarn', { 'package.json': manifest('jest'), 'yarn.lock': '' }, 'yarn test'],
    ['bun', { 'package.json': manifest('bun test'), 'bun.lock': '' }, 'bun run test'],
    [
      'npm’s own placeholder',
      { 'package.json': manifest('echo "Error: no test specified" && exit 1') },
      undefined,
    ],
    ['a broken package.json', { 'package.json': '{', 'Cargo.toml': '' }, 'cargo test'],
    ['pytest by its configuration', { 'pyproject.toml': '[tool.pytest.ini_options]' }, 'python -m pytest'],
    ['pytest by a test file', { 'test_a.py': '' }, 'python -m pytest'],
    ['a Python project with tests', { 'pyproject.toml': '', tests: '' }, 'python -m pytest'],
    ['Go', { 'go.mod': '' }, 'go test ./...'],
    ['Maven', { 'pom.xml': '' }, 'mvn -q test'],
    ['Gradle', { gradlew: '' }, './gradlew test'],
    ['.NET', { 'a.sln': '' }, 'dotnet test'],
    ['make', { Makefile: 'all:\n\ntest: all\n\t./t\n' }, 'make test'],
    ['make by another name', { makefile: 'test:\n\t./t\n' }, 'make test'],
    ['make with several targets in a rule', { Makefile: 'lint test: all\n\t./t\n' }, 'make test'],
    ['make’s check', { Makefile: '.PHONY: test check\ncheck::\n\t./t\n' }, 'make check'],
    ['a variable of make called test', { Makefile: 'test := 1\ntest ::= 2\nA = test: b\n' }, undefined],
    [
      'the package manager that a manifest names',
      { 'package.json': JSON.stringify({ packageManager: 'pnpm@9.1.0', scripts: { test: 'x' } }) },
      'pnpm test',
    ],
    [
      'a name before a lock file',
      {
        'package.json': JSON.stringify({ packageManager: 'npm@10.0.0', scripts: { test: 'x' } }),
        'yarn.lock': '',
      },
      'npm test',
    ],
    ['bun by its settings', { 'package.json': '{}', 'bunfig.toml': '' }, 'bun test'],
    ['a manifest that is no object', { 'package.json': 'null' }, undefined],
    ['Deno by its lock file', { 'deno.lock': '' }, 'deno test'],
    ['Gradle with parts', { 'settings.gradle.kts': '' }, 'gradle test'],
    ['bun without a script', { 'package.json': '{}', 'bun.lock': '' }, 'bun test'],
    ['Node’s own runner', { 'package.json': '{}', test: '' }, 'node --test'],
    ['Deno', { 'deno.json': '' }, 'deno test'],
    ['a package without tests', { 'package.json': '{}' }, undefined],
    ['a folder of tests that is no Python', { tests: '', 'a.txt': '' }, undefined],
    ['nothing', { 'a.txt': '' }, undefined],
  ];
  for (const [what, files, command] of cases)
    it(`knows ${what}`, () => {
      assert.equal(guess(files), command);
    });

  it('takes the project’s Python, and unittest where that has no pytest', () => {
    const python = { command: '.venv/bin/python', pytest: true };
    assert.equal(guess({ 'a.py': '', tests: '' }, { python }), '.venv/bin/python -m pytest');
    const bare = { command: 'python3', pytest: false };
    assert.equal(guess({ 'a.py': '', tests: '' }, { python: bare }), 'python3 -m unittest discover -s tests');
    assert.equal(guess({ 'test_a.py': '' }, { python: bare }), 'python3 -m unittest discover');
    assert.equal(guess({ 'a_test.py': '' }, { python: bare }), 'python3 -m unittest discover -p "*_test.py"');
    assert.equal(guess({ 'pytest.ini': '' }, { python: bare }), 'python3 -m pytest');
  });

  it('takes the build tools’ other names on Windows', () => {
    const files = { gradlew: '', 'gradlew.bat': '' };
    assert.equal(guess(files, { windows: true }), 'gradlew.bat test');
    assert.equal(guess({ mvnw: '', 'mvnw.cmd': '' }, { windows: true }), 'mvnw.cmd -q test');
  });

  it('has an example in the developer’s language', () => {
    assert.equal(exampleFor('rust'), 'cargo test');
    assert.equal(exampleFor('plaintext'), 'npm test');
  });
});
