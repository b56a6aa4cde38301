import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../root';

describe('hindsight prompt', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-prompt-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('shows what the project on disk says of a place, but for what git ignores and what holds secrets', () => {
    mkdirSync(join(folder, '.git'));
    mkdirSync(join(folder, 'src'));
    const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
    const pay = 'export function pay(cart) {\n  return cart.grandTotal();\n}\n';
    write('.gitignore', 'src/generated.js\n');
    write('src/cart.js', 'export class Cart {\n  grandTotal() {\n    return 0;\n  }\n}\n');
    write('src/generated.js', `${pay}// generated\n`);
    write('src/.env.js', `${pay}// environment\n`);
    write(
      'src/orders.js',
      `import { Cart } from './cart';\n\nexport function pay(cart = new Cart()) {\n  return cart.\n}\n`,
    );
    const place = ['--file', join(folder, 'src/orders.js'), '--line', '4', '--column', '15'];
    const run = (...options: string[]) => {
      const command = [
        '--require',
        'tsx/cjs',
        join(ROOT, 'server/cli.ts'),
        'prompt',
        ...place,
        '--json',
        ...options,
      ];
      const { status, stdout, stderr } = spawnSync(process.execPath, command, {
        encoding: 'utf8',
        cwd: ROOT,
      });
      assert.equal(status, 0, stderr);
      const { ids, pieces, contextTokens } = JSON.parse(stdout);
      return { ids, contextTokens, text: pieces.join('') as string };
    };
    const shown = run();
    assert.match(shown.text, /src\/cart\.js\nexport class Cart \{\n {2}grandTotal\(\) \{/);
    assert.doesNotMatch(shown.text, /generated|environment/);
    assert.ok(shown.contextTokens > 10 && shown.contextTokens <= 128);
    const bare = run('--context', 'none');
    assert.deepEqual(shown.ids.slice(shown.contextTokens), bare.ids);
    assert.equal(bare.contextTokens, 0);
    assert.match(bare.text, /src\/orders\.js\n/);
  });
});
