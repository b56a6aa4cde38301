import assert from 'node:assert/strict';
import { type Entry, isEvent, Outbox } from '../../../extension/server/outbox';

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server that can be killed: what it was sent, and what it put on disk. */
function world() {
  const sent: string[] = [];
  const log: string[] = [];
  let answer: () => Promise<boolean> = async () => true;
  const outbox = new Outbox(
    {
      send: async (entry: Entry) => {
        sent.push('completionId' in entry.parameters ? String(entry.parameters.completionId) : entry.method);
      },
      acknowledge: () => answer(),
      log: (sentence) => log.push(sentence),
    },
    150,
  );
  const shown = (completionId: string) =>
    outbox.add('hindsight/shown', { completionId, confidence: 'inferred', at: 1 });
  return {
    outbox,
    sent,
    log,
    shown,
    acknowledges: (with_: () => Promise<boolean>) => {
      answer = with_;
    },
  };
}

describe('Outbox', () => {
  it('keeps what happens while no server is there, and tells it in order', () => {
    const { outbox, sent, shown } = world();
    shown('a');
    shown('b');
    assert.deepEqual(sent, []);
    outbox.connect();
    shown('c');
    assert.deepEqual(sent, ['a', 'b', 'c']);
    outbox.disconnect();
  });

  it('forgets what was deleted, all of it or one completion’s, and sends it to no other server', () => {
    const { outbox, sent, shown } = world();
    for (const id of ['a', 'b', 'a', 'c']) shown(id);
    const run = {
      source: 'terminal',
      command: 'npm test',
      cwd: '/',
      exitCode: 1,
      startedAt: 1,
      endedAt: 2,
    } as const;
    outbox.add('hindsight/run', { ...run, output: 'a long story' });
    outbox.forget('a');
    assert.equal(outbox.length, 3);
    outbox.connect();
    assert.deepEqual(sent, ['b', 'c', 'hindsight/run']);
    outbox.disconnect();
    outbox.forget('all');
    assert.equal(outbox.length, 0);
    shown('d');
    outbox.connect();
    assert.deepEqual(sent, ['b', 'c', 'hindsight/run', 'd']);
    outbox.disconnect();
  });

  it('forgets what the server has on disk, and nothing that came after the question', async () => {
    const { outbox, sent, shown, acknowledges } = world();
    let asked = 0;
    acknowledges(async () => {
      if (++asked === 1) shown('late');
      return true;
    });
    outbox.connect();
    shown('a');
    await wait(220);
    assert.equal(outbox.length, 1);
    await wait(220);
    assert.equal(outbox.length, 0);
    await wait(220);
    assert.equal(asked, 2, 'an empty box asks nothing');
    assert.deepEqual(sent, ['a', 'late']);
    outbox.disconnect();
  });

  it('tells the next server what the one before had not acknowledged', async () => {
    const { outbox, sent, shown, acknowledges } = world();
    let die: (error: Error) => void = () => {};
    acknowledges(() => new Promise((_, reject) => (die = reject)));
    outbox.connect();
    shown('a');
    shown('b');
    await wait(220);
    outbox.disconnect();
    die(new Error('killed'));
    acknowledges(async () => true);
    outbox.connect();
    assert.deepEqual(sent, ['a', 'b', 'a', 'b']);
    await wait(220);
    assert.equal(outbox.length, 0);
    outbox.disconnect();
  });

  it('keeps what is not on disk because the database is away', async () => {
    const { outbox, shown, acknowledges } = world();
    acknowledges(async () => false);
    outbox.connect();
    shown('a');
    await wait(220);
    assert.equal(outbox.length, 1);
    outbox.disconnect();
  });

  it('stays bounded, leaves out the oldest, and says so once', () => {
    const { outbox, sent, log, shown } = world();
    for (let i = 0; i < 2_500; i++) shown(`c${i}`);
    assert.equal(outbox.length, 2_000);
    const run = { source: 'terminal', command: 'x', cwd: '', exitCode: 1, startedAt: 1, endedAt: 2 } as const;
    for (let i = 0; i < 50; i++) outbox.add('hindsight/run', { ...run, output: 'x'.repeat(1_000_000) });
    assert.ok(outbox.length < 10, `${outbox.length}`);
    outbox.connect();
    assert.ok(sent.length < 10);
    assert.equal(log.length, 1);
    outbox.disconnect();
  });

  it('is for what happened, not for how things are', () => {
    assert.ok(isEvent('hindsight/accepted') && isEvent('hindsight/run') && isEvent('hindsight/feedback'));
    assert.ok(!isEvent('hindsight/diagnostics') && !isEvent('hindsight/settings'));
  });
});
