import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openModel } from '../../../server/model/open';
import { defaultSettings } from '../../../server/protocol/settings';
import { LeaseKeeper, LeaseLost } from '../../../server/training/round/lease';
import { Training, type TrainingOptions } from '../../../server/training/training';
import { goldenFolder } from '../learning/golden';
import { capture, corrections, storage, TRAINER, writeReplay } from './fixtures';

const MODEL = goldenFolder('qwen2');
const settings = { ...defaultSettings.learning, maxSeconds: 60 };

describe('learning, when things go wrong', function () {
  this.timeout(120_000);
  let box: Awaited<ReturnType<typeof storage>>;
  let replayPath: string;
  let modelHash: string;
  before(async () => {
    const model = await openModel(MODEL);
    modelHash = model.hash;
    await model.close();
  });
  beforeEach(async () => {
    box = await storage();
    replayPath = await writeReplay(box.folder);
  });
  afterEach(() => box.close().catch(() => undefined));

  const training = (change: Partial<TrainingOptions> = {}) =>
    new Training({
      store: box.store,
      storagePath: box.folder,
      modelDirectory: MODEL,
      modelHash,
      threads: 1,
      replayPath,
      settings,
      trainerEntry: TRAINER,
      gated: false,
      ...change,
    });
  /** Starts a round, and does something at its first step. */
  const atFirstStep = (one: Training, work: () => void, signal?: AbortSignal) => {
    let done = false;
    return one.trainNow(signal, ({ message }) => {
      if (done || !message.startsWith('Step')) return;
      done = true;
      work();
    });
  };

  it('starts one round where two are asked for at once', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const one = training();
    const abort = new AbortController();
    const first = atFirstStep(one, () => abort.abort(), abort.signal);
    await assert.rejects(one.trainNow(), /already running/);
    assert.ok(one.isRunning, 'the first goes on');
    assert.equal((await first).state, 'cancelled');
  });

  it('pauses at the first keystroke of a round, whatever the round before left behind', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    let paused: boolean[] = [];
    const one = training({ onProgress: (state) => state && paused.push(state.paused) });
    for (const round of [1, 2]) {
      paused = [];
      const abort = new AbortController();
      const typeAndCancel = () => {
        one.noteTyping();
        abort.abort();
      };
      await atFirstStep(one, typeAndCancel, abort.signal);
      assert.ok(paused.includes(true), `round ${round}`);
    }
  });

  it('ends a round that has lost its lease, and says so', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const mine = new LeaseKeeper(box.store.leases, 'mine', { onTrouble: () => undefined }, 90);
    await box.store.leases.take('training', 'mine', 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.ok(await box.store.leases.take('training', 'another window', 60_000));
    await once(mine.lost, 'abort');
    assert.ok(mine.lost.reason instanceof LeaseLost);
    await mine.release();
    assert.equal(await box.store.leases.take('training', 'third', 1), false, 'the other window keeps it');
  });

  it('keeps a lease through a database that fails for a while, and no longer than the lease', async () => {
    const troubles: string[] = [];
    const began = Date.now();
    await box.store.leases.take('training', 'mine', 300);
    const mine = new LeaseKeeper(box.store.leases, 'mine', { onTrouble: (text) => troubles.push(text) }, 300);
    await box.store.close();
    await once(mine.lost, 'abort');
    assert.ok(Date.now() - began >= 290, 'not before it has run out');
    assert.equal(troubles.length, 1);
    assert.match(troubles[0]!, /lease could not be renewed/);
    await mine.release();
  });

  it('survives a store that goes away in the middle of a round', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const troubles: string[] = [];
    const one = training({
      settings: { ...settings, maxSeconds: 4 },
      onTrouble: (sentence) => troubles.push(sentence),
    });
    // Nothing that is written from then on can be; a rejection that nobody handles would fail this test.
    await assert.rejects(atFirstStep(one, () => void box.store.close()));
    assert.ok(troubles.length > 0 && troubles.length < 4, troubles.join('\n'));
    assert.equal(one.isRunning, false);
  });

  it('says once why the scheduler cannot start a round', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const troubles: string[] = [];
    const one = training({
      // A file where the folder of adapters should be.
      storagePath: path.join(box.folder, 'feedback.db'),
      settings: {
        ...settings,
        idleSeconds: 0,
        minimumEvents: 1,
        minimumMinutesBetweenRounds: 0,
        onBattery: true,
      },
      onTrouble: (sentence) => troubles.push(sentence),
    });
    await one.consider();
    await one.consider();
    assert.equal(troubles.length, 1);
    assert.match(troubles[0]!, /^No round can start by itself: /);
  });

  it('puts one model back on its base, and leaves the adapters of others in use', async () => {
    const adapter = { createdAt: 1, roundId: 1, hash: 'h', directory: 'adapters/0001', parent: null };
    for (const hash of [modelHash, 'another'])
      await box.store.adapters.activate(await box.store.adapters.insert({ ...adapter, modelHash: hash }));
    await training().rollBack();
    assert.equal(await box.store.adapters.active(modelHash), null);
    assert.ok(await box.store.adapters.active('another'));
    await training().rebuildAfterDeletion(await box.store.adapters.list('another'));
    assert.equal(await box.store.values.get('training.fromBase.another'), '1');
    assert.equal(await box.store.values.get(`training.fromBase.${modelHash}`), null);
  });

  it('goes back to the adapter that was used before one that began anew from the base model', async () => {
    const events = corrections(2);
    for (const one of events) await capture(box.store, one);
    const ids = (await box.store.events.list({ statuses: ['ready'], limit: 9 })).map(({ id }) => id);
    const learn = async (learned: number[], directory: string) => {
      const round = await box.store.rounds.start(1, learned.length);
      await box.store.rounds.linkEvents(round.id, learned);
      await box.store.rounds.update({ ...round, state: 'promoted', endedAt: 2 });
      for (const event of await box.store.events.list({ statuses: ['ready', 'trained'], limit: 9 }))
        if (learned.includes(event.id)) await box.store.events.settle(event, 'trained', null);
      mkdirSync(path.join(box.folder, directory), { recursive: true });
      writeFileSync(path.join(box.folder, directory, 'adapter_config.json'), '{}');
      const record = { createdAt: 1, roundId: round.id, modelHash, hash: 'h', directory, parent: null };
      return box.store.adapters.register(record, learned);
    };
    const first = await learn([ids[0]!], 'adapters/0001');
    await learn(ids, 'adapters/0002');
    const back = await training().rollBack();
    assert.equal(back.adapter, first, 'not the base model, which never had what the first had learned');
    assert.equal(back.undone, 1, 'only what the first had not learned');
    assert.deepEqual(
      [await box.store.events.count('trained'), await box.store.events.count('rolled-back')],
      [1, 1],
    );
    const again = await training().rollBack();
    assert.deepEqual([again.adapter, again.undone], [null, 1]);
  });

  it('counts for each model what is new to it, and no more than there is', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const moment = {
      settings: { ...settings, idleSeconds: 0, minimumMinutesBetweenRounds: 0, onBattery: true },
    };
    const adapter = { createdAt: 1, roundId: 1, hash: 'h', directory: 'adapters/0001', parent: null };
    await box.store.adapters.activate(await box.store.adapters.insert({ ...adapter, modelHash }));
    const [one, other] = [training(moment), training({ ...moment, modelHash: 'another' })];
    await one.rollBack();
    assert.match((await one.whyNotNow())!, /Nothing new/);
    assert.equal(await other.whyNotNow(), null, 'another model has not seen them');
    // Some of them go; as many others are new.
    const { events } = await box.store.panel.list({}, 0, 10);
    for (const { completionId } of events.slice(0, 2))
      await box.store.delete({ scope: 'event', completionId });
    await one.whyNotNow();
    for (const event of corrections(7).slice(4)) await capture(box.store, event);
    assert.match((await one.whyNotNow())!, /^3 of 4 new corrections/);
    for (const event of corrections(8).slice(7)) await capture(box.store, event);
    assert.equal(await one.whyNotNow(), null);
  });

  if (process.platform !== 'win32')
    it('leaves no stopped trainer behind when the server is killed', async () => {
      const server = spawn(
        process.execPath,
        ['--require', 'tsx/cjs', path.join(__dirname, 'round/pausing-server.ts')],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const [printed] = await once(server.stdout!, 'data');
      const pid = Number(String(printed).trim());
      await until(() => stateOf(pid) === 'T', 'the trainer to stop');
      server.kill('SIGKILL');
      await until(() => stateOf(pid) === null || stateOf(pid) === 'Z', 'the trainer to go');
    });
});

async function until(look: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !look(); ) {
    if (Date.now() > end) throw new Error(`Waited 10 s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A process's state as the system has it (T: stopped, Z: ended); null where it is gone. */
function stateOf(pid: number): string | null {
  if (process.platform !== 'linux') {
    try {
      process.kill(pid, 0);
      return 'T';
    } catch {
      return null;
    }
  }
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]![0]!;
  } catch {
    return null;
  }
}
