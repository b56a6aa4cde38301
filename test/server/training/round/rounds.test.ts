import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RecallMemory } from '../../../../server/completion/recall-memory';
import { openModel } from '../../../../server/model/open';
import { defaultSettings } from '../../../../server/protocol/settings';
import type { RoundSummary } from '../../../../server/protocol/types';
import { NoEventsError, Training, type TrainingOptions } from '../../../../server/training/training';
import { ROOT } from '../../../root';
import { goldenFolder } from '../../learning/golden';
import { capture, corrections, storage, TRAINER, writeReplay } from '../fixtures';

/** A model of random weights writes nothing sensible: these rounds test the machinery, not the learning. */
const MODEL = goldenFolder('qwen2');
const EMBEDDED = path.join(ROOT, 'media/model');

describe('training rounds in a process of their own', function () {
  this.timeout(180_000);
  let box: Awaited<ReturnType<typeof storage>>;
  let replayPath: string;
  let modelHash: string;
  let embeddedHash: string;
  before(async () => {
    const model = await openModel(MODEL);
    modelHash = model.hash;
    await model.close();
    const shipped = await openModel(EMBEDDED);
    embeddedHash = shipped.hash;
    await shipped.close();
  });
  beforeEach(async () => {
    box = await storage();
    replayPath = await writeReplay(box.folder);
  });
  afterEach(() => box.close());

  const training = (change: Partial<TrainingOptions> = {}) =>
    new Training({
      store: box.store,
      storagePath: box.folder,
      modelDirectory: MODEL,
      modelHash,
      threads: 1,
      replayPath,
      settings: { ...defaultSettings.learning, maxSeconds: 2 },
      trainerEntry: TRAINER,
      gated: false,
      ...change,
    });

  const embedded = (change: Partial<TrainingOptions> = {}) =>
    training({
      modelDirectory: EMBEDDED,
      modelHash: embeddedHash,
      replayPath: path.join(EMBEDDED, 'replay.json'),
      settings: { ...defaultSettings.learning, maxSeconds: 4 },
      gated: true,
      ...change,
    });

  it('goes from stored corrections to an adapter in use, and back, with the embedded model and every gate', async () => {
    const events = corrections(4);
    for (const one of events) await capture(box.store, one);
    const swapped: (number | null)[] = [];
    const seen: RoundSummary['state'][] = [];
    const one = embedded({
      onAdapter: (adapter) => void swapped.push(adapter?.id ?? null),
      onRound: (round) => seen.push(round.state),
    });
    const fractions: number[] = [];
    const round = await one.trainNow(undefined, ({ fraction }) => fractions.push(fraction));

    assert.equal(round.state, 'kept-insufficient-evidence', JSON.stringify([round.message, round.decisions]));
    assert.ok(round.steps.length > 0 && round.endedAt !== null);
    assert.ok(round.logProbAfter! > round.logProbBefore!, `${round.logProbBefore} → ${round.logProbAfter}`);
    const decided = round.decisions.map(({ name }) => name).filter((name) => name !== 'shrink');
    const during = ['entropy', 'drift', 'gradient', 'length'].map((name) => `during the round: ${name}`);
    assert.deepEqual(decided, ['replay', 'length', 'leak', 'held-out', ...during]);
    assert.deepEqual(
      fractions,
      [...fractions].sort((a, b) => a - b),
      'progress only grows',
    );
    assert.deepEqual(await box.store.rounds.list(1), [round]);
    assert.equal(seen[0], 'running');
    const story = await box.store.panel.story(events[0]!.completionId);
    assert.ok(story!.gate.length > 0 && story!.advantages!.tokens.length > 0);

    assert.equal(await box.store.events.count('trained'), 4);
    const active = (await one.activeAdapter())!;
    assert.ok(existsSync(path.join(active.path, 'adapter_model.safetensors')));
    assert.deepEqual(swapped, [active.id]);
    const back = await one.rollBack();
    assert.equal(back.adapter, null);
    assert.deepEqual(swapped, [active.id, null]);
    assert.equal((await box.store.rounds.list(1))[0]!.state, 'rolled-back');
    assert.equal(back.undone, 4);
    assert.equal(await box.store.events.count('ready'), 0, 'what is undone is not new');
    assert.match((await one.whyNotNow())!, /^0 of \d+ corrections/, 'nor learned by itself');
    assert.match((await embedded().whyNotNow())!, /^0 of \d+ corrections/, 'nor after a restart');
    await assert.rejects(embedded().trainNow(), /rolled back \(4\)/, 'nor with a round of its own');
    const memory = new RecallMemory(box.store);
    await memory.load();
    const near = { languageId: events[0]!.languageId, prefix: events[0]!.prefix };
    assert.equal(memory.recall(near), null, 'nor does it ride along in prompts');
    // Capture tells the same once more when a file is saved or opened again.
    const told = (await box.store.events.of(events[0]!.completionId))!;
    await box.store.events.put({ ...told, status: 'ready', reason: null });
    assert.equal((await box.store.events.of(told.completionId))!.status, 'rolled-back');
    await box.store.events.put({
      ...told,
      status: 'ready',
      solution: `${told.solution} // anew`,
      reason: null,
    });
    assert.equal(await box.store.events.count('ready'), 1, 'another text is said anew');
    assert.equal(await one.learnAgain(told.completionId), 0, 'that one is no longer left out');
    assert.equal(await one.learnAgain(null), 3);
    assert.equal(await box.store.events.count('ready'), 4);
    await memory.load();
    assert.match(memory.recall(near)!, /anew/);
    assert.match((await one.rollBack()).message, /nothing to roll back/);
  });

  it('takes what came during a round for new, and what a round refused for seen', async () => {
    const all = corrections(12);
    for (const one of all.slice(0, 4)) await capture(box.store, one);
    const always = { idleSeconds: 0, minimumMinutesBetweenRounds: 0, onBattery: true, maxSeconds: 4 };
    const settings = { ...defaultSettings.learning, ...always };
    const during = async (one: Training, events: typeof all) => {
      let coming: Promise<unknown> | null = null;
      const round = await one.trainNow(undefined, ({ message }) => {
        if (!coming && message.startsWith('Step'))
          coming = Promise.all(events.map((event) => capture(box.store, event)));
      });
      await coming;
      return round.state;
    };
    const refused = training({ replayPath: null, settings });
    assert.equal(await during(refused, all.slice(4, 6)), 'rejected');
    assert.match((await refused.whyNotNow())!, /^2 of 4 new corrections/);
    const used = embedded({ settings });
    assert.equal(await during(used, all.slice(6, 10)), 'kept-insufficient-evidence');
    assert.equal(await used.whyNotNow(), null);
  });

  it('uses nothing that forgets, and takes no event away', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const round = await training({ replayPath: null }).trainNow();
    assert.equal(round.state, 'rejected');
    assert.match(round.message, /forgetting could not be measured/);
    assert.equal(await box.store.events.count('ready'), 4);
    assert.deepEqual(await box.store.adapters.list(modelHash), []);
    assert.deepEqual(readdirSync(path.join(box.folder, 'adapters')), []);
  });

  it('leaves everything as it was when it is cancelled', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const before = fingerprint(box.folder);
    const abort = new AbortController();
    const round = await training({ settings: { ...defaultSettings.learning, maxSeconds: 60 } }).trainNow(
      abort.signal,
      ({ message }) => message.startsWith('Step 3') && abort.abort(),
    );
    assert.equal(round.state, 'cancelled');
    assert.equal(await box.store.events.count('ready'), 4);
    assert.equal(fingerprint(box.folder), before);
  });

  it('ends a round when the server shuts down, a paused one too', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const one = training({ settings: { ...defaultSettings.learning, maxSeconds: 60 } });
    let stopped: Promise<void> | null = null;
    const round = await one.trainNow(undefined, ({ message }) => {
      if (stopped || !message.startsWith('Step')) return;
      one.pause();
      stopped = one.stop();
    });
    await stopped;
    assert.equal(round.state, 'cancelled');
    assert.equal((await box.store.rounds.list(1))[0]!.state, 'cancelled');
    assert.ok(await box.store.leases.take('training', 'the next window', 1000));
  });

  it('survives the death of the trainer with one sentence', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    await box.store.rounds.start(1, 4);
    const dying = training({ trainerEntry: path.join(__dirname, 'dying-trainer.ts') });
    const round = await dying.trainNow();
    assert.equal(round.state, 'failed');
    assert.match(round.message, /The system ended the trainer, most likely for want of memory/);
    assert.equal(await box.store.events.count('ready'), 4);
    const abandoned = (await box.store.rounds.list(5)).find(({ startedAt }) => startedAt === 1)!;
    assert.equal(abandoned.state, 'failed', 'a round whose server was killed does not run for ever');
    const again = await training().trainNow();
    assert.notEqual(again.state, 'failed', again.message);
  });

  it('stops at a keystroke and goes on after it', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const pauses: boolean[] = [];
    const one = training({ onProgress: (state) => state && pauses.push(state.paused) });
    let typed = false;
    const round = await one.trainNow(undefined, ({ message }) => {
      if (!typed && message.startsWith('Step')) {
        typed = true;
        one.noteTyping();
      }
    });
    assert.ok(pauses.includes(true));
    assert.notEqual(round.state, 'failed', round.message);
    assert.ok(round.seconds! < (round.endedAt! - round.startedAt) / 1000 - 1.5, 'the pause does not count');
  });

  it('lets one window train at a time, and says when there is nothing to train on', async () => {
    await assert.rejects(training().trainNow(), NoEventsError);
    for (const one of corrections(4)) await capture(box.store, one);
    assert.ok(await box.store.leases.take('training', 'another window', 60_000));
    await assert.rejects(training().trainNow(), /Another window is training/);
    assert.deepEqual(await box.store.rounds.list(5), []);
  });

  it('starts again from the base model after a deletion', async () => {
    const events = corrections(5);
    for (const one of events) await capture(box.store, one);
    const one = embedded({ settings: { ...defaultSettings.learning, maxSeconds: 2 } });
    const first = await one.trainNow();
    assert.equal(first.state, 'kept-insufficient-evidence', first.message);
    const { adapters } = await box.store.delete({
      scope: 'event',
      completionId: events[0]!.completionId,
    });
    assert.equal(adapters.length, 1);
    await one.rebuildAfterDeletion(adapters);
    assert.equal(await one.activeAdapter(), null);
    assert.ok(!existsSync(path.join(box.folder, adapters[0]!.directory)));
    const second = await one.trainNow();
    assert.equal(second.events, 4, 'the corrections that are left are learned anew');
  });
});

/** Names and contents of everything but the database's own files. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.startsWith('feedback.db')) continue;
    hash.update(entry.name).update(readFileSync(path.join(entry.parentPath, entry.name)));
  }
  return hash.digest('hex');
}
