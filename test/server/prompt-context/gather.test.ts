import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiskFiles } from '../../../server/prompt-context/disk-files';
import { ContextGatherer } from '../../../server/prompt-context/gather';
import { GivenFiles } from '../../../server/prompt-context/given-files';
import type { Problem, ProjectFile, RecentEdit } from '../../../server/prompt-context/types';
import { Exclusions } from '../../../server/workspace/exclusions';

const place = {
  path: 'src/orders.ts',
  languageId: 'typescript',
  prefix: "import { Cart } from './cart';\n\nexport function pay(cart: Cart): number {\n  return cart.",
  suffix: '\n}\n',
};
const cart = {
  path: 'src/cart.ts',
  text: 'export class Cart {\n  grandTotal(): number {\n    return 0;\n  }\n}\n\nexport class Other {}\n',
};
/** Put together here, so that no scanner takes it for one. */
const token = `ghp_${'Ab3dEf6hIj9lMn2pQr5tUv8xYz1cDe4gHi7k'}`;

const gather = (files: ProjectFile[], edits: RecentEdit[] = [], problems: Problem[] = []) =>
  new ContextGatherer().gather(place, { files: new GivenFiles(files), edits, problems, line: 4 });

describe('context of a place', () => {
  it('shows what an imported name means, and nothing else of its file', async () => {
    assert.deepEqual(await gather([cart]), [
      { kind: 'definition', path: 'src/cart.ts', text: 'export class Cart {\n  grandTotal(): number {\n}' },
    ]);
  });

  it('shows a piece of a file that looks alike, also of one that is not imported', async () => {
    const alike = 'export function refund(cart: Cart): number {\n  return cart.grandTotal() * -1;\n}\n';
    const noise = Array.from({ length: 40 }, (_, i) => `const unrelated${i} = compute${i}();`).join('\n');
    const parts = await gather([
      { path: 'src/refunds.ts', text: `${noise}\n${alike}` },
      { path: 'src/noise.ts', text: noise },
      { path: 'src/refunds.md', text: alike },
    ]);
    assert.deepEqual(
      parts.map(({ kind, path }) => [kind, path]),
      [['similar', 'src/refunds.ts']],
    );
    assert.match(parts[0]!.text, /cart\.grandTotal\(\) \* -1/);
  });

  it('finds imports above what the prompt shows, and outlines what is taken as a whole', async () => {
    const config = {
      path: 'src/config.js',
      text: "const x = 1;\nmodule.exports = {\n  port: 80,\n  url: '',\n};\n",
    };
    const api = {
      path: 'src/api.js',
      text: 'export function getUser(id) {\n  return id;\n}\nexport const LIMIT = 3;\n',
    };
    const code = { path: 'src/server.js', languageId: '', prefix: 'listen(config.', suffix: ');\napi.\n' };
    const imports = "const config = require('./config');\nimport * as api from './api';\n";
    const sources = { files: new GivenFiles([config, api]), edits: [], problems: [], line: 9 };
    const text = imports + '\n'.repeat(300) + code.prefix + code.suffix;
    const parts = await new ContextGatherer().gather({ ...code, text }, sources);
    assert.deepEqual(
      parts.map((one) => one.text),
      [
        'export function getUser(id) {\nexport const LIMIT = 3;',
        "module.exports = {\n  port: 80,\n  url: '',\n};",
      ],
    );
    assert.deepEqual(await new ContextGatherer().gather(code, sources), []);
  });

  it('sees what other files of a Go package declare without an import', async () => {
    const files = [
      { path: 'cart/cart.go', text: 'package cart\n\ntype Cart struct {\n\tItems []string\n}\n' },
      { path: 'cart/cart_test.go', text: 'package cart\n\ntype Cart struct {\n\tFake bool\n}\n' },
      { path: 'other/other.go', text: 'package other\n\ntype Cart struct {\n\tOther bool\n}\n' },
    ];
    const code = {
      path: 'cart/pay.go',
      languageId: '',
      prefix: 'package cart\n\nfunc Pay(cart *Cart) {\n\tcart.',
      suffix: '\n}\n',
    };
    const sources = { files: new GivenFiles(files), edits: [], problems: [], line: 4 };
    const parts = await new ContextGatherer().gather(code, sources, ['definition']);
    assert.deepEqual(parts, [
      { kind: 'definition', path: 'cart/cart.go', text: 'type Cart struct {\n\tItems []string\n}' },
    ]);
  });

  it('puts what changed last at the end: edits as small diffs, then problems near the cursor', async () => {
    const edit = { path: 'src/cart.ts', before: 'a\n  total() {\nb', after: 'a\n  grandTotal() {\nb' };
    const large = { path: 'src/all.ts', before: '', after: 'x();\n'.repeat(50) };
    const problems = [
      { path: 'src/orders.ts', line: 4, message: "Property 'total' does not exist on type 'Cart'." },
      { path: 'src/orders.ts', line: 90, message: 'far away' },
      { path: 'src/cart.ts', line: 4, message: 'another file' },
    ];
    const parts = await gather([cart], [edit, large], problems);
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['definition', 'edit', 'problem'],
    );
    assert.equal(parts[1]!.text, '-  total() {\n+  grandTotal() {');
    assert.equal(parts[2]!.text, "this line: Property 'total' does not exist on type 'Cart'.");
  });

  it('never shows a sensitive file, a line with a secret, or an edit of either', async () => {
    const config = {
      path: 'src/cart.ts',
      text: `export const Cart = {\n  key: '${token}',\n  limit: 3,\n};\n`,
    };
    const parts = await gather(
      [
        config,
        { path: 'src/.env', text: 'CART=Cart\n' },
        { path: 'src/id_rsa', text: 'export const Cart = 1;' },
      ],
      [
        { path: 'src/.env', before: '', after: 'PASSWORD=x' },
        { path: 'src/a.ts', before: '', after: `const key = '${token}';` },
      ],
      [{ path: 'src/orders.ts', line: 4, message: `Unexpected ${token}` }],
    );
    assert.deepEqual(
      parts.map(({ kind }) => kind),
      ['definition'],
    );
    assert.match(parts[0]!.text, /limit: 3/);
    assert.ok(!JSON.stringify(parts).includes(token.slice(0, 12)));
  });

  it('shows an edit in a long file, and not the line of a key that begins far above it', async () => {
    const long = Array.from({ length: 3000 }, (_, i) => `const value${i} = ${i};`).join('\n');
    const edit = { path: 'src/long.ts', before: long, after: long.replace('value1500 ', 'changed ') };
    const key = ['-----BEGIN RSA PRIVATE', ' KEY-----\n'].join('');
    const lines = Array.from({ length: 30 }, (_, i) => `${'Ab3dEf6hIj9lMn2p'.repeat(4)}${i}`).join('\n');
    const secret = {
      path: 'src/k.ts',
      before: `${key}${lines}\n`,
      after: `${key}${lines.replace('p29', 'p99')}\n`,
    };
    const parts = await gather([], [edit, secret]);
    assert.deepEqual(
      parts.map(({ path, text }) => [path, text]),
      [['src/long.ts', '-const value1500 = 1500;\n+const changed = 1500;']],
    );
  });

  it('on disk: what git ignores stays out, and what is open counts as it stands in the editor', async () => {
    const root = mkdtempSync(join(tmpdir(), 'hindsight-context-'));
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    try {
      mkdirSync(join(root, '.git'));
      write('.gitignore', 'src/generated.ts\n');
      write('src/cart.ts', cart.text);
      write(
        'src/generated.ts',
        'export function pay(cart: Cart): number {\n  return cart.grandTotal();\n}\n',
      );
      const exclusions = new Exclusions([root], []);
      const mayRead = async (path: string) => (await exclusions.check(pathToFileURL(path).href)) === null;
      let open: ProjectFile[] = [];
      const sources = {
        files: new DiskFiles({ root, mayRead, open: () => open }),
        edits: [],
        problems: [],
        line: 4,
      };
      const gatherer = new ContextGatherer();
      const first = await gatherer.gather(place, sources);
      assert.deepEqual(
        first.map(({ path }) => path),
        ['src/cart.ts'],
      );
      open = [
        { path: 'src/cart.ts', text: 'export class Cart {\n  netTotal(): number {\n    return 0;\n  }\n}\n' },
      ];
      assert.match((await gatherer.gather(place, sources))[0]!.text, /netTotal/);
      assert.equal(await sources.files.read('../outside.ts'), null);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
