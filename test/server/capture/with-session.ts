import assert from 'node:assert/strict';
import { Session } from './session';

/** What the session's open file, src/a.ts, holds at first. */
export const FILE = `import { db } from './db';

export function find(id: string) {
  return 
}
`;

/** A session of its own for each test, with src/a.ts open; nothing may have been said to the developer at its end. */
export function withSession(take: (session: Session) => void): void {
  let session: Session;
  beforeEach(async () => {
    session = await Session.start();
    session.open('src/a.ts', FILE);
    take(session);
  });
  afterEach(async () => {
    assert.deepEqual(session.messages, []);
    await session.end();
  });
}
