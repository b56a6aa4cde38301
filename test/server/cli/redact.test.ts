import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../root';
import { caseText } from '../workspace/secret-cases';

describe('hindsight redact', function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-redact-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  function redact(text: string | null, ...more: string[]) {
    const file = join(folder, 'text');
    if (text !== null) writeFileSync(file, text);
    const cli = join(ROOT, 'server/cli.ts');
    return spawnSync(
      process.execPath,
      ['--require', 'tsx/cjs', cli, 'redact', ...more, text === null ? `${file}-none` : file],
      {
        encoding: 'utf8',
        cwd: ROOT,
      },
    );
  }

  it('prints a text without secrets as it is, and ends with 0', () => {
    const text = 'export const find = (id) => db.get(id);\n\n  // no newline at the end';
    const { status, stdout } = redact(text);
    assert.equal(stdout, text);
    assert.equal(status, 0);
  });

  it('prints what would be stored, and ends with 1', () => {
    const { status, stdout } = redact(caseText('scan-switched-off.txt'));
    assert.match(stdout, /^\/\/ secretlint-disable\ncurl -H token \[secret\] https:/);
    assert.equal(status, 1);
    const json = redact(caseText('values-called-harmless.txt'), '--json');
    assert.equal(json.status, 1);
    const { text, secrets } = JSON.parse(json.stdout);
    assert.equal(secrets, 4);
    assert.equal(text.match(/\[secret\]/g).length, 4);
  });

  it('ends with 2 where there is no such file', () => {
    const { status, stderr } = redact(null);
    assert.equal(status, 2);
    assert.match(stderr, /cannot be read \(ENOENT\)/);
  });
});
