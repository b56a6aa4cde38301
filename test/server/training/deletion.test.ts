/** After a deletion nothing that came of the deleted is left in the storage folder, whatever died while a round ran. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openModel } from '../../../server/model/open';
import { defaultSettings } from '../../../server/protocol/settings';
import { packIds } from '../../../server/store/codec';
import { Connection } from '../../../server/store/sqlite';
import { openStore } from '../../../server/store/store';
import { DeletedMeanwhile } from '../../../server/store/tables/adapters';
import { Training, type TrainingOptions } from '../../../server/training/training';
import { goldenFolder } from '../learning/golden';
import { learningEvent } from '../store/records';
import { capture, corrections, storage, TRAINER, writeReplay } from './fixtures';

const MODEL = goldenFolder('qwen2');
/** Stands in every text of the first completion, and its prompt's tokens nowhere else. */
const MARK = 'marmaladeMarker';
const IDS = [70_001, 70_003, 70_007, 70_009];

function everyFile(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(name).isFile());
}

describe('a deletion', function () {
  this.timeout(120_000);
  let box: Awaited<ReturnType<typeof storage>>;
  let modelHash: string;
  before(async () => {
    const model = await openModel(MODEL);
    modelHash = model.hash;
    await model.close();
  });
  beforeEach(async () => {
    box = await storage();
    const [first, ...rest] = corrections(4).map((one, i) => ({ ...one, uri: `file:///w/${i}.ts` }));
    const marked = {
      ...first!,
      prefix: `// ${MARK}\n`,
      text: `${MARK}();`,
      solution: `${MARK}(1);`,
      promptIds: IDS,
    };
    await capture(box.store, {
      ...marked,
      output: `Error: ${MARK}`,
      words: `not ${MARK}`,
      signals: ['edited', 'words'],
    });
    for (const one of rest) await capture(box.store, one);
    const id = first!.completionId;
    await box.store.kept.insert({
      completionId: id,
      at: 1,
      reason: '30s',
      text: `${MARK}(1);`,
      editDistance: 0.2,
    });
    await box.store.feedback.insert({ completionId: id, kind: 'words', at: 1, text: `not ${MARK}` });
  });
  afterEach(() => box.close());

  const training = async (change: Partial<TrainingOptions> = {}) =>
    new Training({
      store: box.store,
      storagePath: box.folder,
      modelDirectory: MODEL,
      modelHash,
      threads: 1,
      replayPath: await writeReplay(box.folder),
      settings: { ...defaultSettings.learning, maxSeconds: 60 },
      trainerEntry: TRAINER,
      gated: false,
      ...change,
    });

  /** Where bytes of the deleted completion lie: its texts as they are or in UTF-16, and its prompt's tokens. */
  function leftovers(): string[] {
    const needles = [Buffer.from(MARK), Buffer.from(MARK, 'utf16le'), packIds(IDS)];
    return everyFile(box.folder).filter((file) => needles.some((one) => readFileSync(file).includes(one)));
  }

  /** A round whose trainer is killed once it has written a checkpoint, as the system does when memory runs out. */
  async function killedRound(one: Training): Promise<void> {
    const round = await one.trainNow(undefined, () => {
      if (!existsSync(path.join(box.folder, 'checkpoint.bin'))) return;
      const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
        encoding: 'utf8',
      });
      const trainer = children.split('\n').find((line) => line.includes(TRAINER));
      if (trainer) process.kill(Number(trainer.trim().split(' ')[0]), 'SIGKILL');
    });
    assert.equal(round.state, 'failed', round.message);
  }

  for (const scope of ['all', 'file', 'event'] as const) {
    it(`of ${scope} leaves no byte behind, with a trainer that was killed in mid-round`, async () => {
      const one = await training();
      await killedRound(one);
      // A server that died between moving an adapter to its place and registering it, and one in mid-write.
      for (const name of ['0007', '.round-9', '.round-9.123.tmp']) {
        mkdirSync(path.join(box.folder, 'adapters', name), { recursive: true });
        writeFileSync(path.join(box.folder, 'adapters', name, 'adapter_config.json'), MARK);
      }
      writeFileSync(path.join(box.folder, 'checkpoint.bin.tmp'), MARK);
      // A round of before says something that quotes the deleted.
      const before = await box.store.rounds.start(1, 1);
      const note = `a completion repeats feedback: "not ${MARK}".`;
      const decision = { name: 'leak', passed: false, value: null, threshold: null, note };
      await box.store.rounds.update({ ...before, message: `Not used: ${note}`, decisions: [decision] });
      assert.ok(leftovers().length > 3);
      const completionId = (await box.store.panel.list({ path: '' }, 0, 9)).events.at(-1)!.completionId;
      const gone = await box.store.delete({ scope, uri: 'file:///w/0.ts', completionId });
      assert.equal(gone.completions, scope === 'all' ? 4 : 1);
      await one.rebuildAfterDeletion(gone.adapters);
      assert.deepEqual(leftovers(), []);
      assert.deepEqual(everyFile(path.join(box.folder, 'adapters')), []);
      assert.deepEqual(
        everyFile(box.folder).filter((file) => path.basename(file).startsWith('checkpoint')),
        [],
      );
    });
  }

  it('waits for another window’s round, which ends for it, and uses nothing that had learned from the deleted', async () => {
    const [here, other] = [await training(), await training()];
    let deleted: Promise<void> | null = null;
    const round = await other.trainNow(undefined, ({ message }) => {
      if (!message.startsWith('Step') || deleted) return;
      deleted = box.store
        .delete({ scope: 'file', uri: 'file:///w/0.ts' })
        .then(({ adapters }) => Promise.all([here.rebuildAfterDeletion(adapters), other.cancelForDeletion()]))
        .then(() => undefined);
    });
    await deleted;
    assert.equal(round.state, 'cancelled');
    assert.deepEqual(leftovers(), []);
    assert.deepEqual(await box.store.adapters.all(), []);
  });

  it('that comes in a round’s last moment keeps its adapter from being used', async () => {
    const event = (await box.store.events.list({ statuses: ['ready'], limit: 1 }))[0]!;
    const record = {
      createdAt: 1,
      roundId: 1,
      modelHash,
      hash: 'h',
      directory: 'adapters/0001',
      parent: null,
    };
    await box.store.delete({ scope: 'event', completionId: event.completionId });
    await assert.rejects(box.store.adapters.register(record, [event.id]), DeletedMeanwhile);
    assert.deepEqual(await box.store.adapters.all(), []);
    await box.store.events.put(learningEvent((await box.store.panel.list({}, 0, 1)).events[0]!.completionId));
    const [left] = await box.store.events.list({ statuses: ['ready'], limit: 1 });
    const id = await box.store.adapters.register(record, [left!.id]);
    assert.equal((await box.store.adapters.active(modelHash))?.id, id);
  });

  it('is seen through by the next server where this one dies before it is', async () => {
    writeFileSync(path.join(box.folder, 'checkpoint.bin'), MARK);
    // The rows are gone, and nothing else is done: another window reads the log, and this one dies.
    const dying = await openStore(path.join(box.folder, 'feedback.db'), { busyMs: 20 });
    const reader = await Connection.open(path.join(box.folder, 'feedback.db'), 20);
    await reader.exec('BEGIN');
    await reader.all('SELECT * FROM completions');
    await dying.delete({ scope: 'all' });
    await reader.exec('COMMIT');
    assert.equal(leftovers().length, 2, leftovers().join());
    const next = await training();
    await next.sweep();
    assert.deepEqual(leftovers(), []);
    await reader.close();
    await dying.close();
    await next.stop();
  });
});
