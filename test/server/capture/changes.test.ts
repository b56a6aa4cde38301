import assert from 'node:assert/strict';
import type { Session } from './session';
import { FILE, withSession } from './with-session';

describe('capture of changes', () => {
  let s: Session;
  withSession((session) => {
    s = session;
  });

  it('takes in what is typed in place of a deleted tail, up to the end of the line', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get(id);', '');
    s.type('src/a.ts', 'db.', 'row(id)!;\n  // next line');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.row(id)!;');
  });

  it('follows the text through edits above, below and a move', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.edit('src/a.ts', 0, 0, '// a line\n// another\n');
    s.replace('src/a.ts', '}\n', '}\n\nexport const x = 1;\n');
    s.replace('src/a.ts', 'get', 'fetch');
    s.replace('src/a.ts', '  return db.fetch(id);\n', '');
    s.edit('src/a.ts', s.text('src/a.ts').length, 0, 'function moved() {\n  return db.fetch(id);\n}\n');
    s.replace('src/a.ts', 'fetch(id)', 'fetch(id, 1)');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.fetch(id, 1);');
  });

  it('does not count formatting, undo and renames, told before or after the change', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get( id );');
    const uri = s.uri('src/a.ts');
    s.capture.editReason({ uri, version: s.files.get('src/a.ts')!.version + 1, reason: 'format' });
    s.replace('src/a.ts', '( id )', '(id)');
    const version = s.replace('src/a.ts', 'db.get', 'database.get');
    s.capture.editReason({ uri, version, reason: 'rename' });
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal(await s.event(id), null);
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'database.fetch(id);');
  });

  it('knows a formatter by what it changes', async () => {
    s.open('src/f.ts', FILE);
    const id = s.take('src/f.ts', 'return ', "db.get(id,{ name:'x' })");
    s.whole(
      'src/f.ts',
      s.text('src/f.ts').replace("(id,{ name:'x' })", '(\n    id,\n    { name: "x" },\n  );'),
    );
    s.replace('src/f.ts', '    id', '  id');
    s.save('src/f.ts');
    await s.capture.settleNow();
    assert.equal(await s.event(id), null);
    s.replace('src/f.ts', '"x"', '"other"');
    s.save('src/f.ts');
    await s.capture.settleNow();
    assert.match((await s.event(id))?.solution ?? '', /"other"/);
  });

  it('takes back what was undone', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await s.capture.settleNow();
    s.replace('src/a.ts', 'fetch', 'get');
    s.save('src/a.ts');
    await s.capture.settleNow();
    const event = (await s.event(id))!;
    assert.equal(event.status, 'dropped');
    assert.match(event.reason!, /taken back/);
  });

  it('drops an edit with several cursors and one cut short by a checkout', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const at = s.text('src/a.ts').indexOf('get');
    s.edits('src/a.ts', [
      { start: at, length: 3, text: 'x' },
      { start: 0, length: 0, text: 'x' },
    ]);
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.match((await s.event(id))?.reason ?? '', /several cursors/);

    s.open('src/b.ts', FILE);
    const other = s.take('src/b.ts', 'return ', 'db.get(id);');
    s.replace('src/b.ts', 'get', 'fetch');
    s.save('src/b.ts');
    const version = s.whole('src/b.ts', FILE.replace('return ', 'return db.other();'));
    s.capture.editReason({ uri: s.uri('src/b.ts'), version, reason: 'checkout' });
    s.advance(100_000);
    const event = (await s.event(other))!;
    assert.equal(event.status, 'dropped');
    assert.match(event.reason!, /another branch/);
  });

  it('sees a branch change by itself', async () => {
    s.onDisk('.git/HEAD', 'ref: refs/heads/main\n');
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    s.advance(1_000);
    s.onDisk('.git/HEAD', 'ref: refs/heads/other\n');
    s.replace('src/a.ts', 'fetch(id)', 'old(id)');
    s.advance(100_000);
    assert.match((await s.event(id))?.reason ?? '', /another branch/);
  });
});
