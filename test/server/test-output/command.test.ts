import assert from 'node:assert/strict';
import { kindOf } from '../../../server/test-output/command';

const KINDS = {
  tests: [
    '',
    'npm test',
    'npm run test:unit -- --watch',
    'npx jest src/cart.test.ts',
    'pnpm -r test',
    'pnpm exec vitest run',
    'yarn test | tee log.txt',
    'cd packages/shop && npm test',
    'CI=1 npx vitest run 2>&1 | grep -v skipped',
    'cargo test --workspace',
    'cargo nextest run',
    'go test ./... | head -50',
    'python -m pytest -q',
    'python3 -m unittest',
    'poetry run pytest',
    'bundle exec rspec',
    'make check',
    'tsc && npm test',
    'cat list.txt; node --test',
    'gh run view --log 123',
    'docker compose run web npm test',
    './run-tests.sh',
    'time ./vendor/bin/phpunit',
    'bun test',
    'deno test -A',
    'mvn -q test',
    'dotnet test',
  ],
  build: [
    'npx tsc',
    'tsc --noEmit -p .',
    'pnpm exec eslint src',
    'yarn eslint .',
    'npm exec -- eslint .',
    'python -m mypy shop',
    'cargo build',
    'cargo clippy --all',
    'go vet ./...',
    'gcc -c cart.c',
    'javac Cart.java && echo done',
    'poetry run ruff check',
    './node_modules/.bin/biome check',
    'C:\\tools\\eslint.cmd src',
    'dotnet build',
  ],
  other: [
    'grep -rn Error src logs',
    'cat results.txt',
    'cd logs && tail -100 test.log',
    'rg FAIL | head',
    'git diff',
    'sudo less /var/log/x',
    'LC_ALL=C sort x',
    'gh pr view 3',
  ],
};

describe('commands', () => {
  for (const [kind, commands] of Object.entries(KINDS)) {
    it(`that are ${kind}`, () => {
      for (const command of commands) assert.equal(kindOf(command), kind, command);
    });
  }

  it('are told in little time, however long they are', () => {
    const start = performance.now();
    for (const part of ['a && ', 'A=1 ', '-x ', 'npx ', '((((', '"'.repeat(9), ' '.repeat(50)])
      kindOf(part.repeat(200_000));
    assert.ok(performance.now() - start < 300);
  });
});
