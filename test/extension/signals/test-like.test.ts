import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { looksLikeRun } from '../../../extension/signals/test-like';
import { ROOT } from '../../root';

const PASSWORD = ['hun', 'ter2'].join('');

describe('what leaves a terminal', () => {
  it('is what test runs print, by the command or by their output', () => {
    for (const command of [
      'npm test',
      'npm run test:unit -- --watch',
      'npx vitest run',
      'python -m pytest -q',
      './gradlew check',
      'cd packages/shop && cargo test',
      'CI=1 go test ./...',
      'docker compose run web pytest',
      'mvn -q verify',
      'make',
      'tsc -p .',
    ])
      assert.ok(looksLikeRun(command, '', 0), command);
    const folder = join(ROOT, 'test', 'fixtures', 'runs');
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.txt'))) {
      const output = readFileSync(join(folder, name), 'utf8');
      assert.ok(looksLikeRun('./scripts/all', output, /green/.test(name) ? 0 : 1), name);
    }
  });

  it('is a crash of the project’s code', () => {
    const trace = 'TypeError: no\n    at f (/home/dev/shop/src/cart.ts:3:5)\n';
    assert.ok(looksLikeRun('node src/main.js', trace, 1));
    assert.ok(
      looksLikeRun('./manage.py migrate', 'Traceback (most recent call last):\n  File "a.py", line 3\n', 1),
    );
    assert.ok(!looksLikeRun('node src/main.js', 'listening on 3000\n', 0));
  });

  it('is nothing else', () => {
    for (const [command, output] of [
      ['cat .env', `DB_PASSWORD=${PASSWORD}\n`],
      ['grep -rn "FAIL" test', 'test/a.ts:3: FAIL src\nnot ok 1\n'],
      ['psql shop', ' id | token\n----+-------\n  1 | abc\n'],
      ['aws secretsmanager get-secret-value --secret-id test', '{"SecretString": "abc"}\n'],
      ['git log -p', ' 3 passing\n'],
      ['cd src && ls', 'test\n'],
      ['sudo cat /etc/shadow', 'root:x\n'],
      ['./deploy.sh', `token ${PASSWORD}\n`],
      ['python3', '>>> 1\n1\n'],
      ['node', `> process.env\n{ TOKEN: '${PASSWORD}' }\n`],
    ] as const)
      for (const code of [0, 1, null]) assert.ok(!looksLikeRun(command, output, code), `${command} ${code}`);
  });

  it('is told quickly', () => {
    for (const piece of ['at a:1', '= ', 'not ok ', '\u001b[', ' ', 'a=b ', "thread '"]) {
      // The least of three: others may take the processor in between.
      const times = [1, 2, 3].map(() => {
        const started = performance.now();
        looksLikeRun(piece.repeat(20_000), piece.repeat(40_000), 1);
        looksLikeRun('x', `${piece}\n`.repeat(40_000), 1);
        return performance.now() - started;
      });
      assert.ok(Math.min(...times) < 50, `${piece}: ${times.join()}`);
    }
  });
});
