import assert from 'node:assert/strict';
import { guessTestCommand, PROJECT_FILES } from '../../../extension/commands/test-command';

/** A project given by its files. */
function guess(files: Record<string, string>): string | undefined {
  return guessTestCommand({
    has: (path) => path in files,
    read: (path) => (PROJECT_FILES.includes(path) ? files[path] : assert.fail(`${path} is not read`)),
    names: () => Object.keys(files),
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
    ['nothing', { 'a.txt': '' }, undefined],
  ];
  for (const [what, files, command] of cases)
    it(`knows ${what}`, () => {
      assert.equal(guess(files), command);
    });
});
