import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OtherWindows, type SharedState } from '../../server/other-windows';
import { type FeedbackStore, openStore } from '../../server/store/store';

/** One window: its own connection to the shared database, and what it was told. */
async function openWindow(file: string) {
  const store = await openStore(file);
  const state: SharedState = { adapter: null, learningPaused: false };
  const told: string[] = [];
  const stored = async (): Promise<SharedState> => ({
    adapter: (await store.adapters.active('m'))?.id ?? null,
    learningPaused: (await store.values.get('learning.paused')) === '1',
  });
  const others = new OtherWindows(store.values, {
    current: () => state,
    stored,
    onAdapter: async () => {
      state.adapter = (await stored()).adapter;
      told.push(`adapter ${state.adapter}`);
    },
    onPaused: (paused) => {
      state.learningPaused = paused;
      told.push(paused ? 'paused' : 'going on');
    },
    onDeleted: async () => {
      told.push('deleted');
    },
  });
  await others.start();
  return { store, others, told };
}

async function train(store: FeedbackStore): Promise<number> {
  const roundId = (await store.rounds.start(1, 4)).id;
  const record = { createdAt: 2, roundId, modelHash: 'm', hash: 'a', directory: 'adapters/1', parent: null };
  return store.adapters.insert(record);
}

describe('other windows on the same database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindsight-windows-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are followed: a new adapter, a pause, a deletion; and each thing is told once', async () => {
    const file = join(folder, 'hindsight.db');
    const [mine, other] = [await openWindow(file), await openWindow(file)];
    await other.others.look();
    assert.deepEqual(other.told, []);
    const id = await train(mine.store);
    await mine.store.adapters.activate(id);
    await mine.store.values.set('learning.paused', '1');
    await other.others.look();
    assert.deepEqual(other.told, ['paused', `adapter ${id}`]);
    await mine.store.delete({ scope: 'all' });
    await mine.others.announceDeletion();
    for (const { others } of [mine, other]) await others.look();
    for (const { others } of [mine, other]) await others.look();
    assert.deepEqual(other.told.slice(2), ['deleted', 'adapter null']);
    assert.ok(!mine.told.includes('deleted'));
    for (const { store, others } of [mine, other]) {
      others.stop();
      await store.close();
    }
  });
});
