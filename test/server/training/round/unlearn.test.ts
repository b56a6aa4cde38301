import assert from 'node:assert/strict';
import path from 'node:path';
import { openModel } from '../../../../server/model/open';
import { defaultSettings } from '../../../../server/protocol/settings';
import { RuleKeeper } from '../../../../server/services/rules';
import { Training } from '../../../../server/training/training';
import { ROOT } from '../../../root';
import { capture, corrections, storage, TRAINER } from '../fixtures';

const EMBEDDED = path.join(ROOT, 'media/model');

describe('a rule that is switched off', function () {
  this.timeout(180_000);
  let box: Awaited<ReturnType<typeof storage>>;
  let modelHash: string;
  before(async () => {
    const model = await openModel(EMBEDDED);
    modelHash = model.hash;
    await model.close();
  });
  beforeEach(async () => {
    box = await storage();
  });
  afterEach(() => box.close());

  const settings = {
    ...defaultSettings.learning,
    maxSeconds: 4,
    idleSeconds: 0,
    minimumMinutesBetweenRounds: 0,
    onBattery: true,
  };
  const trainer = (used: (number | null)[]) =>
    new Training({
      store: box.store,
      storagePath: box.folder,
      modelDirectory: EMBEDDED,
      modelHash,
      threads: 1,
      replayPath: path.join(EMBEDDED, 'replay.json'),
      settings,
      trainerEntry: TRAINER,
      gated: false,
      onAdapter: (adapter) => void used.push(adapter?.id ?? null),
    });

  it('is unlearned: the adapter is made again without it, by itself, and not on top of the one that knows it', async () => {
    const all = corrections(4);
    for (const one of all) await capture(box.store, one);
    for (const [i, name] of ['order', 'user'].entries()) {
      const id = `other-${i}`;
      const event = {
        ...all[i]!,
        completionId: id,
        text: `check(${name});`,
        solution: `ensure.valid(${name});`,
      };
      await capture(box.store, event);
    }
    const used: (number | null)[] = [];
    const one = trainer(used);
    const first = await one.trainNow();
    assert.ok(first.adapter, first.message);
    const keeper = new RuleKeeper(
      box.store,
      () => {},
      () => one.unlearn(),
    );
    const rules = await keeper.list();
    const rule = rules.find(({ to }) => to.startsWith('ensure.'))!;
    assert.equal(rule.count, 2);
    assert.match((await one.whyNotNow()) ?? '', /0 of \d+ corrections/);
    await keeper.change(rule.key, { state: 'off' });
    assert.equal(await one.whyNotNow(), null, 'a round is owed');
    assert.equal(await trainer([]).whyNotNow(), null, 'after a restart too');
    assert.equal((await one.activeAdapter())?.id, first.adapter, 'until then the adapter serves');
    const second = await one.trainNow();
    assert.ok(second.adapter, second.message);
    assert.equal(second.events, 4, 'without the two of the rule');
    assert.equal((await one.activeAdapter())!.parent, null);
    assert.match((await one.whyNotNow()) ?? '', /0 of \d+ corrections/, 'nothing is owed any more');
    assert.deepEqual(used, [first.adapter, second.adapter]);
  });

  it('leaves the base model where nothing else was learned', async () => {
    for (const one of corrections(4)) await capture(box.store, one);
    const used: (number | null)[] = [];
    const one = trainer(used);
    const { adapter } = await one.trainNow();
    const keeper = new RuleKeeper(
      box.store,
      () => {},
      () => one.unlearn(),
    );
    for (const { key } of await keeper.list()) await keeper.change(key, { state: 'off' });
    assert.equal(await box.store.events.count('trained'), 0);
    assert.equal(await one.activeAdapter(), null);
    assert.deepEqual(used, [adapter, null]);
    assert.match((await one.whyNotNow()) ?? '', /0 of \d+ corrections/);
  });
});
