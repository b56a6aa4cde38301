import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Connection } from '../../../server/store/sqlite';
import { Session } from './session';

const FILE = `import { db } from './db';

export function find(id: string) {
  return 
}
`;

describe('capture', () => {
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
    s.open('src/a.ts', FILE);
  });
  afterEach(async () => {
    assert.deepEqual(s.messages, []);
    await s.end();
  });

  it('learns from an accepted text that was edited, saved and left alone', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'db.get(id)', 'db.fetchOne(id)');
    assert.equal(await s.event(id), null);
    s.save('src/a.ts');
    const early = await s.event(id);
    assert.equal(early?.status, 'waiting');
    s.advance(61_000);
    const event = (await s.event(id))!;
    assert.deepEqual(
      [event.status, event.solution, event.weight, event.signals],
      ['ready', 'db.fetchOne(id);', 1, ['edited']],
    );
    const story = (await s.story(id))!;
    assert.equal(story.outcome, 'accepted');
    assert.equal(story.keptText, 'db.fetchOne(id);');
    assert.deepEqual(
      story.kept.map((k) => k.reason),
      ['save', '30s'],
    );
  });

  it('counts what is edited and saved at once when asked to train', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetchOne');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.status, 'waiting');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('does not take back what a round may have read', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetchOne');
    s.save('src/a.ts');
    await s.run(`TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n`, 1);
    assert.equal((await s.event(id))?.status, 'waiting');
    await s.capture.settleNow();
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.signals], ['ready', ['edited', 'test-failed']]);
    await s.store.events.settle(event, 'trained', null);
    s.advance(700_000);
    assert.equal((await s.event(id))?.status, 'trained');
    s.replace('src/a.ts', 'fetchOne', 'load');
    s.save('src/a.ts');
    await s.run('ok', 0);
    assert.deepEqual([(await s.event(id))?.status, (await s.event(id))?.solution], ['ready', 'db.load(id);']);
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

  it('learns what was typed instead of a rejected completion', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.get(id);');
    s.type('src/a.ts', 'return ', 'c');
    s.reject(id);
    s.type('src/a.ts', 'return c', 'ache.get(id);\n  // done');
    s.save('src/a.ts');
    s.advance(31_000);
    const event = (await s.event(id))!;
    assert.deepEqual(
      [event.solution, event.weight, event.status, event.signals],
      ['cache.get(id);', 0.4, 'ready', ['typed-otherwise']],
    );
    assert.ok(s.capture.isRejectedHere(FILE.slice(0, FILE.indexOf('return ') + 7), 'db.get(id);'));
    assert.ok(!s.capture.isRejectedHere(FILE.slice(0, FILE.indexOf('return ') + 7), 'db.get(x);'));
  });

  it('learns nothing from a bare rejection, a thumb, or an offer nobody answered', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.get(id);');
    s.capture.feedback({ completionId: null, text: '', thumbs: -1, at: s.clock.now() });
    s.reject(id);
    s.advance(200_000);
    await s.capture.settleNow();
    assert.equal(await s.event(id), null);
    const story = (await s.story(id))!;
    assert.equal(story.outcome, 'rejected');
    assert.deepEqual(
      story.feedback.map((f) => [f.kind, f.text]),
      [['thumbs', '-1']],
    );
  });

  it('counts a text as kept at a thumb up, and takes that back at a thumb down', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const thumb = (thumbs: 1 | -1) =>
      s.capture.feedback({ completionId: id, text: '', thumbs, at: s.clock.now() });
    const place = FILE.slice(0, FILE.indexOf('return ') + 7);
    thumb(1);
    assert.deepEqual((await s.event(id))?.signals, ['kept']);
    assert.ok(!s.capture.isRejectedHere(place, 'db.get(id);'));
    s.advance(1_000);
    thumb(-1);
    assert.equal((await s.event(id))?.status, 'dropped');
    assert.ok(s.capture.isRejectedHere(place, 'db.get(id);'));
    s.advance(700_000);
    assert.equal((await s.event(id))?.status, 'dropped');
  });

  it('keeps the developer’s words, and the fix that follows them', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.capture.feedback({ completionId: null, text: 'use the cache', thumbs: 0, at: s.clock.now() });
    const first = (await s.event(id))!;
    assert.deepEqual(
      [first.words, first.weight, first.status, first.solution],
      ['use the cache', 0.5, 'ready', null],
    );
    s.replace('src/a.ts', 'db.get', 'cache.get');
    s.save('src/a.ts');
    s.advance(61_000);
    const second = (await s.event(id))!;
    assert.deepEqual([second.words, second.weight, second.solution], ['use the cache', 1, 'cache.get(id);']);
  });

  it('knows the accepted completion under a code action, wherever it has moved', () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const at = (line: number, from: number, to: number) =>
      s.capture.completionAt(s.uri('src/a.ts'), {
        start: { line, character: from },
        end: { line, character: to },
      });
    assert.equal(at(3, 12, 12), id);
    assert.equal(at(3, 0, 4), null);
    s.edit('src/a.ts', 0, 0, '// a line\n');
    assert.equal(at(3, 12, 12), null);
    assert.equal(at(4, 0, 9), id);
    const other = s.offer('src/a.ts', 'return ', 'x');
    s.reject(other);
    assert.equal(at(4, 9, 9), id);
    assert.equal(
      s.capture.completionAt('file:///none', {
        start: { line: 0, character: 0 },
        end: { line: 9, character: 0 },
      }),
      null,
    );
  });

  it('puts what was kept into the replay pool', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.type('src/a.ts', 'db.get(id);', ' // more');
    s.save('src/a.ts');
    s.advance(601_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.signals, event.weight, event.solution], [['kept'], 0.1, 'db.get(id);']);
    assert.deepEqual(
      (await s.story(id))!.kept.map((k) => k.reason),
      ['save', '30s', '2min', '10min'],
    );
  });

  it('waits for a diagnostic to stay, and takes the edit that clears it', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const uri = s.uri('src/a.ts');
    const range = { start: { line: 3, character: 9 }, end: { line: 3, character: 15 } };
    const item = {
      range,
      message: "Property 'get' does not exist.",
      severity: 'error' as const,
      source: 'ts',
    };
    s.capture.diagnostics({ uri, version: 2, items: [item] });
    s.advance(3_000);
    s.capture.diagnostics({ uri, version: 2, items: [] });
    s.advance(9_000);
    assert.equal(await s.event(id), null);
    s.capture.diagnostics({ uri, version: 2, items: [item] });
    s.advance(6_000);
    assert.deepEqual((await s.event(id))?.signals, ['diagnostic']);
    s.replace('src/a.ts', 'get', 'fetch');
    s.capture.diagnostics({ uri, version: 3, items: [] });
    s.save('src/a.ts');
    s.advance(61_000);
    const event = (await s.event(id))!;
    assert.deepEqual(event.signals, ['edited', 'diagnostic', 'diagnostic-fixed']);
    assert.equal(event.status, 'ready');
    assert.equal(event.output, "ts: Property 'get' does not exist.");
  });

  it('ties a failing test to the completion and closes it with the fix', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const output = `
  1) find
       finds a row:
     TypeError: db.get is not a function
      at find (${s.folder}/src/a.ts:4:13)
      at Context.<anonymous> (${s.folder}/test/a.test.ts:5:3)
`;
    await s.run(output, 1);
    const failed = (await s.event(id))!;
    assert.deepEqual([failed.signals, failed.status, failed.weight], [['test-failed'], 'waiting', 0.25]);
    assert.ok(failed.output?.includes('db.get is not a function'));
    assert.ok(!failed.output?.includes(s.folder));
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await s.run('1 passing', 0);
    const fixed = (await s.event(id))!;
    assert.deepEqual(fixed.signals, ['edited', 'test-failed', 'test-fixed']);
    assert.deepEqual([fixed.status, fixed.weight, fixed.solution], ['ready', 1, 'db.fetch(id);']);
  });

  it('lets a failure without a fix count a little after a day', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    await s.run(`TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n`, 1);
    s.advance(24 * 3_600_000 + 1);
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.weight, event.solution], ['ready', 0.25, null]);
  });

  it('does not take every command that ends badly for a failing test', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const trace = `TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n`;
    await s.run('src/a.ts:4:  return db.get(id);\n', 1, 'grep -rn db.get src');
    await s.run(trace, 130);
    await s.run(trace, 0);
    await s.run('', 1);
    await s.run('Segmentation fault', 139);
    await s.run(trace, null);
    assert.equal(await s.event(id), null);
    await s.run("src/a.ts(4,10): error TS2339: Property 'get' does not exist on type 'Db'.\n", 2, 'npx tsc');
    assert.match((await s.event(id))?.output ?? '', /TS2339/);
  });

  it('believes the report where a pipe hides the exit code', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const output = `  0 passing (5ms)\n  1 failing\n\n  1) find\n       finds:\n     TypeError: no\n      at find (${s.folder}/src/a.ts:4:13)\n`;
    await s.run(output, 0, 'npm test | cat');
    assert.deepEqual((await s.event(id))?.signals, ['test-failed']);
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await s.run('  1 passing (5ms)\n', 0, 'npm  test | cat');
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('reads reports dropped in the workspace, whole, but not those that are excluded', async () => {
    await s.end();
    s = await Session.start({ exclude: ['private/'] });
    s.open('src/a.ts', FILE);
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const xml = (failure: string) =>
      `<testsuites><testsuite name="x">${'<testcase name="other" classname="c"><system-out>noise</system-out></testcase>\n'.repeat(8_000)}` +
      `<testcase name="finds" classname="find">${failure}</testcase>${'<testcase name="more" classname="c"/>\n'.repeat(8_000)}</testsuite></testsuites>`;
    const failing = xml(`<failure message="no">TypeError: no\n    at find (src/a.ts:4:13)</failure>`);
    const drop = (path: string, text: string) => s.run(text, null, path, { source: 'report' });
    await drop('private/junit.xml', failing);
    await drop('build.xml', '<project><target name="test"/></project>');
    assert.equal(await s.event(id), null);
    await drop('target/surefire-reports/junit.xml', failing);
    assert.match((await s.event(id))?.output ?? '', /^find > finds\nno\n {2}at src\/a.ts:4/);
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await drop('target/surefire-reports/junit.xml', xml(''));
    assert.deepEqual((await s.event(id))?.signals, ['edited', 'test-failed', 'test-fixed']);
  });

  it('goes on in memory while the database is away', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    await s.capture.flush();
    const other = await Connection.open(s.store.path, 50);
    await other.exec('BEGIN EXCLUSIVE');
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    assert.equal(await s.capture.flush(100), false);
    s.advance(61_000);
    await other.exec('COMMIT');
    await other.close();
    assert.equal(await s.capture.flush(), true);
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('forgets what was deleted', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    await s.capture.flush();
    s.capture.forget({ scope: 'event', completionId: id });
    await s.store.delete({ scope: 'event', completionId: id });
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    s.advance(700_000);
    await s.capture.settleNow();
    assert.equal(await s.story(id), null);
    assert.equal(await s.store.completions.count(), 0);
  });

  it('joins partial acceptances', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.getAll(id);');
    s.accept(id, 3);
    s.advance(500);
    const at = s.text('src/a.ts').indexOf('return db.') + 10;
    s.edit('src/a.ts', at, 0, 'getAll(id);');
    s.capture.accepted({ completionId: id, confidence: 'observed', at: s.clock.now(), acceptedLength: 14 });
    s.replace('src/a.ts', 'getAll', 'fetch');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.fetch(id);');
    const story = (await s.story(id))!;
    assert.deepEqual(
      story.outcomes.map((o) => o.kind),
      ['shown', 'accepted-partially', 'accepted'],
    );
  });

  it('finds the text again in Windows line ends and in a file opened anew', async () => {
    s.open('src/w.ts', FILE.replaceAll('\n', '\r\n'));
    const id = s.offer('src/w.ts', 'return ', 'db.get(\n    id,\n  );');
    const at = s.text('src/w.ts').indexOf('return ') + 7;
    s.edit('src/w.ts', at, 0, 'db.get(\r\n    id,\r\n  );');
    s.capture.accepted({ completionId: id, confidence: 'observed', at: s.clock.now() });
    s.save('src/w.ts');
    s.capture.documentClosed(s.uri('src/w.ts'));
    s.advance(5_000);
    s.open('src/w.ts', `// moved down\r\n${s.text('src/w.ts')}`);
    s.replace('src/w.ts', 'db.get', 'db.fetch');
    s.save('src/w.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.fetch(\n    id,\n  );');
  });

  it('drops a flaky test and one that something else mended', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const output = `TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n`;
    await s.run(output, 1);
    await s.run('ok', 0);
    assert.match((await s.event(id))?.reason ?? '', /flaky/);

    s.open('src/b.ts', FILE);
    const other = s.take('src/b.ts', 'return ', 'db.get(id);');
    s.save('src/b.ts');
    await s.run(output.replace('a.ts', 'b.ts'), 1, 'npm run other');
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    await s.run('ok', 0, 'npm run other');
    const event = (await s.event(other))!;
    assert.deepEqual([event.status, event.signals], ['dropped', ['test-failed']]);
    assert.match(event.reason!, /without a change/);
  });

  it('does not call a test flaky when another program changed its files', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.save('src/a.ts');
    const output = `TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n    at t (${s.folder}/test/a.test.ts:2:1)\n`;
    await s.run('ok', 0);
    s.advance(1_000);
    s.onDisk('test/a.test.ts', 'changed');
    await s.run(output, 1);
    assert.equal((await s.event(id))?.status, 'waiting');
  });

  it('captures nothing that is excluded, secret or not trusted', async () => {
    await s.end();
    s = await Session.start({ exclude: ['**/gen/**'] });
    s.onDisk('.gitignore', 'ignored/\n');
    for (const path of ['gen/a.ts', 'ignored/a.ts', '.env', 'x/.env.local', 'server.key']) {
      s.open(path, FILE);
      assert.notEqual(s.capture.excludedBecause(s.uri(path)), null, path);
      assert.equal(await s.story(s.take(path, 'return ', 'db.get(id);')), null, path);
    }
    const key = ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0', 'k1L2m3N4o5P6q7R8'].join('');
    s.open('src/secret.ts', `const t = "${key}";\n${FILE}`);
    const id = s.take('src/secret.ts', 'return ', 'db.get(id);');
    s.replace('src/secret.ts', 'db.get', 'db.fetch');
    s.save('src/secret.ts');
    await s.capture.settleNow();
    assert.equal(await s.story(id), null);
    s.open('src/ok.ts', FILE);
    const ok = s.take('src/ok.ts', 'return ', 'db.get("an id of the right length, and what follows it");');
    s.replace('src/ok.ts', 'an id of the right length', key);
    s.save('src/ok.ts');
    await s.capture.settleNow();
    assert.match((await s.event(ok))?.reason ?? '', /secret/);
    s.capture.setTrusted(false);
    assert.equal(await s.story(s.take('src/ok.ts', 'return ', 'db.x();')), null);
  });

  it('lets no secret reach the database’s files, whatever brings it', async () => {
    const key = ['gh', 'p_', 'Zz9Yy8Xx7Ww6Vv5Uu4T', 'Ss2Rr1Qq0Pp9Oo8Nn'].join('');
    const id = s.take('src/a.ts', 'return ', 'db.get(id); // marker of what is stored');
    s.save('src/a.ts');
    const range = { start: { line: 3, character: 2 }, end: { line: 3, character: 15 } };
    const item = { range, message: `Type "${key}" is wrong.`, severity: 'error' as const, source: key };
    s.capture.diagnostics({ uri: s.uri('src/a.ts'), version: 2, items: [item] });
    s.advance(6_000);
    await s.run(`TypeError: token ${key} refused\n    at find (${s.folder}/src/a.ts:4:13)\n`, 1);
    s.capture.feedback({ completionId: id, text: `use ${key} here`, thumbs: 0, at: s.clock.now() });
    s.replace('src/a.ts', 'db.get(id)', `db.get("${key}")`);
    s.save('src/a.ts');
    s.advance(61_000);
    s.replace('src/a.ts', 'db.get', 'db.of');
    const other = s.offer('src/a.ts', 'return ', `auth("${key}");`);
    s.reject(other);
    await s.capture.settleNow();
    assert.deepEqual((await s.story(id))?.signals.includes('words'), true);
    const folder = dirname(s.store.path);
    const bytes = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(folder, entry.name), 'latin1'))
      .join('');
    assert.ok(bytes.includes('marker of what is stored'));
    assert.ok(bytes.includes('[secret]'));
    assert.ok(!bytes.includes(key.slice(4)), 'the secret lies in the database');
  });
});
