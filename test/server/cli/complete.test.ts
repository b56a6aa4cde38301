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
