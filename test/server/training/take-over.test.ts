import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { defaultSettings } from '../../../server/protocol/settings';
import { Training } from '../../../server/training/training';
import { storage, TRAINER } from './fixtures';

describe('adapters of versions whose model hash said nothing of the weights', () => {
  const changedAt = 1_000_000;

  /** A store with adapters registered under the former hash, made at these times; the last is in use. */
  async function withAdapters(times: readonly number[]) {
    const { folder, store, close } = await storage();
    const ids: number[] = [];
    for (const [i, createdAt] of times.entries()) {
      const directory = path.join('adapters', `round-${i}`);
      await mkdir(path.join(folder, directory), { recursive: true });
      await writeFile(path.join(folder, directory, 'adapter_config.json'), '');
      const record = { createdAt, roundId: i, modelHash: 'former', hash: `h${i}`, directory, parent: null };
      ids.push(await store.adapters.insert(record));
    }
    await store.adapters.activate(ids.at(-1)!);
    const training = new Training({
      store,
      storagePath: folder,
      modelDirectory: folder,
      modelHash: 'whole',
      settings: defaultSettings.learning,
      replayPath: '',
      trainerEntry: TRAINER,
    });
    return { store, training, ids, close };
  }

  it('go on with the model whose files have not changed since, once and for all', async () => {
    const { store, training, ids, close } = await withAdapters([changedAt + 1, changedAt + 2]);
    assert.equal(await training.activeAdapter(), null);
    assert.equal(await training.takeOver({ hash: 'former', changedAt }), null);
    assert.equal((await training.activeAdapter())?.id, ids[1]);
    assert.deepEqual(
      (await store.adapters.list('whole')).map(({ id }) => id),
      ids,
    );
    assert.deepEqual(await store.adapters.list('former'), []);
    // Files that change later have another hash, and nothing is left to take.
    assert.equal(await training.takeOver({ hash: 'former', changedAt: changedAt + 9 }), null);
    assert.equal((await training.activeAdapter())?.id, ids[1]);
    await close();
  });

  it('stay behind where the files changed after them, and a sentence says so once', async () => {
    const { store, training, close } = await withAdapters([changedAt - 2, changedAt - 1]);
    assert.match(
      (await training.takeOver({ hash: 'former', changedAt }))!,
      /^The adapter in use was trained before .*train again\.$/,
    );
    assert.equal(await training.activeAdapter(), null);
    assert.equal(await training.takeOver({ hash: 'former', changedAt }), null);
    assert.equal((await store.adapters.list('former')).length, 2);
    assert.equal(await training.takeOver(undefined), null);
    await close();
  });

  it('put none in use where the model has one of its own', async () => {
    const { store, training, ids, close } = await withAdapters([changedAt + 1]);
    const own = {
      createdAt: changedAt + 5,
      roundId: 9,
      modelHash: 'whole',
      hash: 'h9',
      directory: 'adapters/round-0',
      parent: null,
    };
    const id = await store.adapters.insert(own);
    await store.adapters.activate(id);
    assert.equal(await training.takeOver({ hash: 'former', changedAt }), null);
    assert.equal((await training.activeAdapter())?.id, id);
    assert.deepEqual(
      (await store.adapters.list('whole')).map((a) => [a.id, a.active]),
      [
        [ids[0], false],
        [id, true],
      ],
    );
    await close();
  });
});
