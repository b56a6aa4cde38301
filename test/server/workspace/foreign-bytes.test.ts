/** Files of git that a checkout or another program wrote: any bytes are read without an error, and soon. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import fc from 'fast-check';
import { globalIgnoreFile } from '../../../server/workspace/git-config';
import { GitHeads } from '../../../server/workspace/git-repository';
import { IgnoreFiles } from '../../../server/workspace/ignore-files';

const MOST_MS = 250;

/** Pieces of such files, and bytes that are none. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '[core]\n',
      '[core "x"]\n',
      'excludesFile = ',
      'excludesfile="',
      '~/ignore',
      '"\n',
      '\t = \n',
      'gitdir: ',
      'ref: refs/heads/',
      '../',
      '..\\',
      '/etc/passwd',
      '*',
      '**/',
      '!',
      '[a-',
      '[!',
      '\\',
      '{a,b}',
      '# x\n',
      '\n',
      '\r\n',
      '\u0000',
      '\ufeff',
      ' '.repeat(3_000),
      '*'.repeat(400),
      '**/'.repeat(300),
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  ),
  { maxLength: 14 },
);

describe('files of git, with any bytes', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-git-'));
    mkdirSync(join(folder, 'repo', '.git', 'info'), { recursive: true });
    mkdirSync(join(folder, 'repo', 'sub'), { recursive: true });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const soon = <T>(work: () => T): T => {
    const started = process.cpuUsage();
    const result = work();
    const { user, system } = process.cpuUsage(started);
    assert.ok((user + system) / 1000 < MOST_MS, `${(user + system) / 1000} ms`);
    return result;
  };

  it('the configuration names an absolute path', () => {
    fc.assert(
      fc.property(pieces, (list) => {
        writeFileSync(join(folder, '.gitconfig'), list.join(''));
        assert.ok(isAbsolute(soon(() => globalIgnoreFile({}, folder))));
      }),
      { numRuns: 400 },
    );
  });

  it('HEAD and the file that points elsewhere are text, or nothing', () => {
    fc.assert(
      fc.property(pieces, pieces, (head, pointer) => {
        writeFileSync(join(folder, 'repo', '.git', 'HEAD'), head.join(''));
        writeFileSync(join(folder, 'repo', 'sub', '.git'), pointer.join(''));
        const heads = new GitHeads(() => 0);
        for (const path of ['repo/a.js', 'repo/sub/a.js']) {
          const found = soon(() => heads.headOf(join(folder, path)));
          assert.ok(found === null || found.length <= 4_096);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('patterns to ignore leave every file with an answer', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, pieces, async (list, inner) => {
        writeFileSync(join(folder, 'repo', '.gitignore'), list.join(''));
        writeFileSync(join(folder, 'repo', '.git', 'info', 'exclude'), inner.join(''));
        const root = join(folder, 'repo');
        const files = new IgnoreFiles(() => 0, join(folder, 'none'));
        for (const name of ['a.js', 'sub/deep/a.js', 'ä b.js'])
          assert.equal(typeof soon(() => files.ignoresNow(join(root, name), [root])), 'boolean');
      }),
      { numRuns: 400 },
    );
  });

  it('of any size are read in part, or not at all', () => {
    writeFileSync(join(folder, 'repo', '.git', 'HEAD'), 'x'.repeat(50_000_000));
    writeFileSync(join(folder, 'repo', '.gitignore'), 'x\n'.repeat(25_000_000));
    const root = join(folder, 'repo');
    assert.equal(soon(() => new GitHeads(() => 0).headOf(join(root, 'a.js')))?.length, 4_096);
    const files = new IgnoreFiles(() => 0, join(folder, 'none'));
    assert.equal(
      soon(() => files.ignoresNow(join(root, 'x'), [root])),
      false,
    );
  });
});
