import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Session } from './session';
import { FILE, withSession } from './with-session';

describe('what capture keeps out', () => {
  let s: Session;
  withSession((session) => {
    s = session;
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
