import assert from 'node:assert/strict';
import { Capture } from '../../../server/feedback/capture';
import { defaultSettings } from '../../../server/protocol/settings';
import { Session } from './session';

const FILE = 'export function find(id: string) {\n  return \n}\n';

describe('events an earlier server left waiting', () => {
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
    s.open('a.ts', FILE);
  });
  afterEach(() => s.end());

  /** The server is killed and, `ms` later, another one starts on the same store. */
  async function restart(ms: number): Promise<void> {
    await s.capture.flush();
    s.capture.dispose();
    s.advance(ms);
    const next = new Capture({
      store: s.store,
      settings: defaultSettings,
      trusted: true,
      folders: [s.folder],
      clock: s.clock,
    });
    await next.flush();
    next.dispose();
  }

  async function leave(): Promise<string> {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.replace('a.ts', 'get', 'fetch');
    s.save('a.ts');
    assert.equal((await s.event(id))?.status, 'waiting');
    return id;
  }

  it('are ready where the file still holds the correction', async () => {
    const id = await leave();
    await restart(3_600_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.reason], ['ready', null]);
  });

  it('are dropped where it does not', async () => {
    const id = await leave();
    s.onDisk('a.ts', FILE);
    await restart(3_600_000);
    assert.match((await s.event(id))?.reason ?? '', /did not stay/);
  });

  it('are left to a server that may still be alive', async () => {
    const id = await leave();
    await restart(60_000);
    assert.equal((await s.event(id))?.status, 'waiting');
  });

  it('wait a day for the fix of a failing test', async () => {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.save('a.ts');
    await s.run(`TypeError: no\n    at find (${s.folder}/a.ts:2:13)\n`, 1);
    await restart(3 * 3_600_000);
    assert.equal((await s.event(id))?.status, 'waiting');
    await restart(22 * 3_600_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.weight, event.solution], ['ready', 0.25, null]);
  });
});
