import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../root';

describe('hindsight complete --cases', function () {
  this.timeout(60_000);
  let folder: string;
  const model = join(ROOT, 'media/model');
  const hindsight = (...args: string[]) =>
    spawnSync(process.execPath, ['--require', 'tsx/cjs', join(ROOT, 'server/cli.ts'), 'complete', ...args], {
      encoding: 'utf8',
      cwd: ROOT,
    });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-complete-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('answers each place as the editor would, with its own line breaks', () => {
    const [cases, out] = [join(folder, 'in.jsonl'), join(folder, 'out.jsonl')];
    const open = 'export class Counter {\n  private count = 0;\n\n  increment(): void {\n    ';
    const rows = [
      { id: 'lf', path: 'a.ts', prefix: open, suffix: '\n  }\n}\n', files: [], edits: [], diagnostics: [] },
      { id: 'crlf', path: 'a.ts', prefix: open.replaceAll('\n', '\r\n'), suffix: '\r\n  }\r\n}\r\n' },
      { id: 7, path: 'b.js', languageId: 'javascript', prefix: 'const xs = items.map(', suffix: ');\n' },
    ];
    writeFileSync(cases, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { status, stderr } = hindsight('--model', model, '--cases', cases, '--out', out);
    assert.equal(status, 0, stderr);
    const results = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      results.map(({ id }) => id),
      ['lf', 'crlf', 7],
    );
    for (const result of results) {
      assert.deepEqual(Object.keys(result), [
        'id',
        'text',
        'raw',
        'reason',
        'ms',
        'promptTokens',
        'logProbs',
      ]);
      assert.equal(result.text === null, result.reason !== null);
      assert.ok(result.promptTokens > 5 && result.ms > 0 && result.logProbs.length > 0);
    }
    assert.equal(results[1].raw, results[0].raw);
    assert.equal(results[1].text, results[0].text.replaceAll('\n', '\r\n'));
    assert.equal(existsSync(`${out}.part`), false);
  });

  it('shows the model what a case knows besides, within the limit and only what may be seen', () => {
    const [cases, out] = [join(folder, 'context.jsonl'), join(folder, 'context-out.jsonl')];
    const place = {
      path: 'src/orders.ts',
      prefix: "import { Cart } from './cart';\n\nexport function pay(cart: Cart): number {\n  return cart.",
      suffix: '\n}\n',
    };
    const cart = {
      path: 'src/cart.ts',
      text: 'export class Cart {\n  grandTotal(): number {\n    return 0;\n  }\n}\n',
    };
    const edits = [{ path: 'src/cart.ts', before: '  total() {\n', after: '  grandTotal() {\n' }];
    const diagnostics = [{ path: 'src/orders.ts', line: 4, message: "Property 'total' does not exist." }];
    const rows = [
      { id: 'alone', ...place },
      { id: 'files', ...place, files: [cart] },
      { id: 'all', ...place, files: [cart], edits, diagnostics },
      { id: 'secret', ...place, files: [{ path: 'src/.env', text: `${cart.text}pay(cart)` }] },
    ];
    writeFileSync(cases, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const tokens = (...options: string[]) => {
      const { status, stderr } = hindsight('--model', model, '--cases', cases, '--out', out, ...options);
      assert.equal(status, 0, stderr);
      const lines = readFileSync(out, 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line).promptTokens as number);
    };
    const [alone, files, all, secret] = tokens('--context-tokens', '200') as [number, number, number, number];
    assert.ok(files > alone + 15 && all > files + 15 && all <= alone + 200, `${alone} ${files} ${all}`);
    assert.equal(secret, alone);
    assert.deepEqual(tokens('--context-tokens', '0'), [alone, alone, alone, alone]);
    assert.deepEqual(tokens('--context-tokens', '200', '--context', 'none'), [alone, alone, alone, alone]);
    const wrong = rows.slice(0, 1).map((row) => JSON.stringify({ ...row, files: [{ path: 'a.ts' }] }));
    writeFileSync(cases, wrong.join('\n'));
    const { status, stderr } = hindsight('--model', model, '--cases', cases, '--out', out);
    assert.equal(status, 2);
    assert.match(stderr, /context\.jsonl:1: files\[0\] has no "text"/);
  });

  it('says which line of the cases is wrong, and writes nothing', () => {
    const [cases, out] = [join(folder, 'bad.jsonl'), join(folder, 'none.jsonl')];
    writeFileSync(
      cases,
      '{"id":1,"path":"a.ts","prefix":"","suffix":""}\n{"id":2,"path":"a.ts","prefix":""}\n',
    );
    const { status, stderr } = hindsight('--model', model, '--cases', cases, '--out', out);
    assert.equal(status, 2);
    assert.match(stderr, /bad\.jsonl:2 has no "suffix"/);
    assert.equal(existsSync(out), false);
    assert.equal(hindsight('--model', model, '--cases', cases).status, 2);
    assert.equal(hindsight('--model', model).status, 2);
  });
});
