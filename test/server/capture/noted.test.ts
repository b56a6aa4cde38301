import assert from 'node:assert/strict';
import type { Session } from './session';
import { withSession } from './with-session';

describe('the acknowledgement of a correction', () => {
  let s: Session;
  withSession((session) => {
    s = session;
  });

  it('comes within a second of its last key, once, and stores nothing yet', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetch');
    s.advance(500);
    await s.capture.flush();
    assert.deepEqual(s.noted, []);
    s.advance(400);
    await s.capture.flush();
    assert.deepEqual(s.noted, [{ completionId: id, offered: 'db.get(id);', kept: 'db.fetch(id);' }]);
    assert.equal(await s.event(id), null);
    s.save('src/a.ts');
    s.advance(120_000);
    await s.capture.flush();
    assert.equal(s.noted.length, 1);
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('comes again where the text is changed again', async () => {
    s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetch');
    s.advance(1_000);
    await s.capture.flush();
    s.replace('src/a.ts', 'fetch', 'load');
    s.advance(1_000);
    await s.capture.flush();
    assert.deepEqual(
      s.noted.map(({ kept }) => kept),
      ['db.fetch(id);', 'db.load(id);'],
    );
  });

  it('does not come for what is none, nor for a secret', async () => {
    s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'db.get(id);', '// db.get(id);');
    s.advance(1_000);
    await s.capture.flush();
    s.replace('src/a.ts', '// db.get(id);', `db.get("ghp_${'a1B2'.repeat(9)}");`);
    s.advance(1_000);
    await s.capture.flush();
    assert.deepEqual(s.noted, []);
  });

  it('is forgotten with the completion: nothing is learned from it', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetch');
    s.advance(1_000);
    await s.capture.flush();
    s.capture.forget({ scope: 'event', completionId: id });
    s.advance(120_000);
    await s.capture.flush();
    assert.equal(await s.event(id), null);
  });
});
