import assert from 'node:assert/strict';
import { Session } from './session';
import { FILE, withSession } from './with-session';

describe('capture of runs', () => {
  let s: Session;
  withSession((session) => {
    s = session;
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
});
