import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Exclusions } from '../../../server/workspace/exclusions';
import { globalIgnoreFile } from '../../../server/workspace/git-config';
import { hasSecret, redact, shortenPaths, stripAnsi } from '../../../server/workspace/redaction';
import { scratch } from '../store/records';

/** Put together at run time, so that no scanner takes this file for a leak. */
const glue = (...parts: string[]) => parts.join('');
const SECRETS: Record<string, string> = {
  'a GitHub token': glue('gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0', 'k1L2m3N4o5P6q7R8'),
  'an AWS key': glue('AK', 'IA', 'IOSFODNN7ABCDEFG'),
  'a Slack token': glue('xo', 'xb-', '123456789012-', '1234567890123-', 'AbCdEfGhIjKlMnOpQrStUvWx'),
  'a private key': glue(
    '-----BEGIN RSA ',
    'PRIVATE KEY-----\nMIIEow',
    'IBAAKCAQEA0Z3VS5JJcds3xfn\n-----END RSA ',
    'PRIVATE KEY-----',
  ),
  'a password in a URL': glue('postgres://admin:', 'hunter2secret', '@db.internal/app'),
  'a bearer token': glue('Authorization: Bearer ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0NTY3ODkwIn0x'),
  'an assigned key': glue('const apiKey = "', 'k3y9f8a7s6d5f4g3h2j1', '";'),
  'a password': glue('password: "', 'Tr0ub4dor&3', '"'),
  'an environment line': glue('API_TOKEN=', 'f81d4fae7dec11d0a76500a0c91e6bf6'),
  'a long mixed string': glue('x = "', 'q8Zr5Tn2Lw9Kc4Xv7Bm1Hd6Jf3', 'Gs0PyRuEoIaWzQ', '"'),
};
const HARMLESS = [
  'const password = document.querySelector("#password").value;',
  'password: process.env.DB_PASSWORD,',
  'const token = tokens[i];\nreturn { token: "identifier", kind: "keyword" };',
  'secretKey: string;\napiKey?: string;',
  'password = "changeme"',
  'import { createHash } from "node:crypto"; const id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301";',
  '"integrity": "sha512-q8Zr5Tn2Lw9Kc4Xv7Bm1Hd6Jf3Gs0PyRuEoIaWzQq8Zr5Tn2Lw9Kc4Xv7Bm1Hd6Jf3Gs0PyRuEoIaWzQ=="',
  glue('const url = "https://user:$', '{password}@host/";'),
  'def authenticate(token: str, secret_name="database_secret_name"):',
  'commit 59807616e1fa2540724bfbac14d7976d7e4a3860',
];

describe('redaction', () => {
  for (const [name, secret] of Object.entries(SECRETS)) {
    it(`finds ${name}`, async () => {
      const { text, found } = await redact(`before\n${secret}\nafter\n`);
      assert.ok(found);
      assert.ok(text.includes('[secret]') && text.startsWith('before\n') && text.endsWith('after\n'), text);
      assert.ok(!text.includes(secret));
    });
  }

  for (const code of HARMLESS) {
    it(`leaves alone: ${code.slice(0, 50).replace(/\n/g, ' ')}`, async () => {
      assert.equal(await hasSecret(code), false);
    });
  }

  it('cannot vouch for what it does not look at', async () => {
    assert.ok(await hasSecret('a b\n'.repeat(60_000)));
  });

  it('makes paths relative, or leaves only their last part', () => {
    const folders = ['/home/bob/work', '/home/bob/work/inner'];
    const cases: [string, string][] = [
      ['at f (/home/bob/work/src/a.ts:3:5)', 'at f (src/a.ts:3:5)'],
      ['at f (file:///home/bob/work/inner/b.ts:3)', 'at f (b.ts:3)'],
      ['cannot open "/home/bob/.config/x/y.json"', 'cannot open "…/y.json"'],
      ['C:\\Users\\bob\\proj\\a.cs:line 3', '…/a.cs:line 3'],
      ['GET /items/3 and a/b/c stay', 'GET …/3 and a/b/c stay'],
    ];
    for (const [text, want] of cases) {
      assert.equal(shortenPaths(text, folders), want);
    }
  });

  it('removes escape codes and rewritten lines', () => {
    assert.equal(
      stripAnsi('\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007'),
      'red link',
    );
    assert.equal(stripAnsi('\u001b[?1h\u001b=\u001b(Bkeypad\u001b>\u001b7'), 'keypad');
    assert.equal(stripAnsi('10%\r50%\r100%\r\nnext\r\n'), '100%\nnext\n');
  });
});

describe('exclusions', () => {
  it('follow git’s rules, the settings and the nature of files', () => {
    const place = scratch(true);
    const root = join(place.folder, 'repo');
    const workspace = join(root, 'packages', 'app');
    mkdirSync(join(workspace, 'src', 'deep'), { recursive: true });
    mkdirSync(join(root, '.git', 'info'), { recursive: true });
    writeFileSync(
      join(root, '.gitignore'),
      'dist/\n*.log\n/packages/app/private/*\n!/packages/app/private/open.ts\n',
    );
    writeFileSync(join(root, '.git', 'info', 'exclude'), 'local.ts\n');
    writeFileSync(join(workspace, 'src', '.gitignore'), 'generated.ts\n!keep.log\n');
    let now = 0;
    const rules = new Exclusions([workspace], ['**/vendor/**', 'legacy.ts'], () => now);
    const reason = (path: string) => rules.reason(pathToFileURL(join(workspace, path)).href);
    const excluded = [
      'dist/a.ts',
      'x/dist/b.ts',
      'a.log',
      'local.ts',
      'src/generated.ts',
      'src/deep/generated.ts',
      'private/a.ts',
      'vendor/x.ts',
      'a/vendor/x.ts',
      'legacy.ts',
      '.env',
      'config/.env.production',
      'certs/server.pem',
      '.ssh/config',
      'id_rsa',
    ];
    const allowed = [
      'src/a.ts',
      'generated.ts',
      'src/keep.log',
      'private/open.ts',
      'environment.ts',
      'keys.ts',
      'distance/a.ts',
    ];
    assert.deepEqual(
      excluded.filter((path) => reason(path) === null),
      [],
    );
    assert.deepEqual(
      allowed.filter((path) => reason(path) !== null),
      [],
    );
    assert.match(reason('dist/a.ts')!, /git ignores/);
    for (const uri of ['untitled:Untitled-1', 'git:/a/b.ts', 'vscode-notebook-cell:/a', 'output:x']) {
      assert.match(rules.reason(uri)!, /no file/);
    }
    writeFileSync(join(root, '.gitignore'), 'src/\n');
    now = 10_000;
    assert.match(reason('src/a.ts')!, /git ignores/);
    assert.equal(reason('dist/a.ts'), null);
    place.remove();
  });

  it('read what git reads besides: the developer’s own ignore file, and what worktrees share', () => {
    const place = scratch(true);
    const main = join(place.folder, 'main');
    const tree = join(place.folder, 'tree');
    const own = join(main, '.git', 'worktrees', 'tree');
    for (const folder of [
      own,
      join(main, '.git', 'info'),
      tree,
      join(place.folder, 'home', '.config', 'git'),
    ])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(own, 'commondir'), '../..\n');
    writeFileSync(join(tree, '.git'), `gitdir: ${own}\n`);
    writeFileSync(join(main, '.git', 'info', 'exclude'), 'scratch.ts\n');
    const home = join(place.folder, 'home');
    assert.equal(globalIgnoreFile({}, home), join(home, '.config', 'git', 'ignore'));
    assert.equal(globalIgnoreFile({ XDG_CONFIG_HOME: '/x' }, home), '/x/git/ignore');
    writeFileSync(
      join(home, '.gitconfig'),
      '[user]\n\texcludesFile = no\n[core]\n\texcludesFile = ~/my-ignore\n',
    );
    assert.equal(globalIgnoreFile({}, home), join(home, 'my-ignore'));
    writeFileSync(join(home, 'my-ignore'), '*.local.ts\n');
    const rules = new Exclusions([tree], [], Date.now, [], globalIgnoreFile({}, home));
    const reason = (path: string) => rules.reason(pathToFileURL(join(tree, path)).href);
    assert.match(reason('scratch.ts')!, /git ignores/);
    assert.match(reason('src/a.local.ts')!, /git ignores/);
    assert.equal(reason('src/a.ts'), null);
    writeFileSync(join(tree, '.gitignore'), '!a.local.ts\n');
    place.remove();
  });

  it('let other schemes than files in where they are allowed, and no secret files of theirs', () => {
    const rules = new Exclusions(['/w'], ['gen/'], Date.now, ['untitled', 'vscode-vfs']);
    assert.equal(rules.reason('untitled:Untitled-1'), null);
    assert.equal(rules.reason('vscode-vfs://github/o/r/src/a.ts'), null);
    assert.match(rules.reason('vscode-vfs://github/o/r/gen/a.ts')!, /exclude/);
    assert.match(rules.reason('vscode-vfs://github/o/r/%2Eenv')!, /secrets/);
    assert.match(rules.reason('git:/w/a.ts')!, /no file/);
    rules.update(['/w'], []);
    assert.match(rules.reason('untitled:Untitled-1')!, /no file/);
  });

  it('hold outside of a repository too', () => {
    const place = scratch(true);
    writeFileSync(join(place.folder, '.gitignore'), 'out/\n');
    const rules = new Exclusions([place.folder], []);
    assert.ok(rules.reason(pathToFileURL(join(place.folder, 'out', 'a.ts')).href));
    assert.equal(rules.reason(pathToFileURL(join(place.folder, 'a.ts')).href), null);
    assert.equal(rules.reason('file:///somewhere/else.ts'), null);
    assert.ok(rules.reason('file:///somewhere/.env'));
    place.remove();
  });
});
