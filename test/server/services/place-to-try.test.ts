import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { placeToTry } from '../../../server/services/place-to-try';

const load = (name: string, body = '') =>
  `export function load${name}(id) {\n  if (!id) {\n${body}    return null;\n  }\n}\n`;

describe('a place to try what was learned', () => {
  let folder: string;
  const uri = (name: string) => pathToFileURL(join(folder, name)).toString();
  const place = (name: string, line: number) => ({
    completionId: name,
    uri: uri(name),
    path: name,
    line,
    at: 0,
  });
  const needs = (quiet: string[] = []) => ({
    whyQuiet: async (one: string) => (quiet.some((name) => one.endsWith(name)) ? 'excluded' : null),
    display: (one: string) => one.slice(one.lastIndexOf('/') + 1),
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-try-'));
    writeFileSync(join(folder, 'users.js'), load('User', '    lg.emit(1);\n'));
    writeFileSync(join(folder, 'a.test.js'), load('Test'));
    writeFileSync(join(folder, 'b.md'), 'if (!id) {\n');
    writeFileSync(join(folder, 'items.js'), `\n\n${load('Item')}`);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is the same line in a file beside the corrected one', async () => {
    assert.deepEqual(await placeToTry([place('users.js', 2)], needs()), {
      uri: uri('items.js'),
      path: 'items.js',
      line: 3,
    });
  });

  it('is in no file that was corrected, is excluded, or is no code', async () => {
    assert.equal(await placeToTry([place('users.js', 2), place('items.js', 4)], needs()), null);
    assert.equal(await placeToTry([place('users.js', 2)], needs(['items.js'])), null);
  });

  it('is none where the corrected files are gone', async () => {
    assert.equal(await placeToTry([place('gone.js', 2)], needs()), null);
    assert.equal(await placeToTry([], needs()), null);
  });
});
