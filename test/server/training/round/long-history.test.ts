import assert from 'node:assert/strict';
import path from 'node:path';
import { RecallMemory } from '../../../../server/completion/recall-memory';
import { defaultSettings } from '../../../../server/protocol/settings';
import { Connection } from '../../../../server/store/sqlite';
import type { FeedbackStore } from '../../../../server/store/store';
import { gather } from '../../../../server/training/round/gather';
import { Training } from '../../../../server/training/training';
import { capture, corrections, storage, TRAINER } from '../fixtures';

/** Events of a year: most were trained, or are texts kept as offered; some were held out. */
async function fill(file: string, count: number): Promise<void> {
  const db = await Connection.open(file, 5_000);
  await db.exec('PRAGMA synchronous = OFF; BEGIN;');
  await db.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
       INSERT INTO files SELECT i, 'file:///w/src/file' || i || '.ts', 'src/file' || i || '.ts', 'typescript' FROM n`,
  );
  await db.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO completions(seq, id, created_at, file, language, line, outcome, confidence, outcome_at, shown, accepted,
         kept_rate, signals, status)
       SELECT i, 'old-' || i, 1700000000000 + i * 1000, f.id, f.language, i % 500, 'accepted', 'observed', 1, 1, 1, 0.9,
         CASE i % 3 WHEN 0 THEN 64 ELSE 1 END, CASE i % 3 WHEN 0 THEN 'waiting' WHEN 1 THEN 'trained' ELSE 'held-out' END
       FROM n JOIN files f ON f.id = 1 + i % 500`,
    count,
  );
  await db.exec(
    `INSERT INTO bodies(seq, character, text, kept_text, kept_at, model_hash, adapter, latency_ms, prefix, suffix, prompt_ids,
       response_ids, log_probs)
     SELECT seq, 4, 'return value' || seq || ';', NULL, NULL, 'm', NULL, 20, 'function f' || seq || '() {', '}',
       x'01000000', x'01000000', x'00000000' FROM completions;
     INSERT INTO events(seq, created_at, updated_at, text, solution, signals, weight, status)
       SELECT seq, created_at, created_at, 'a', 'b' || seq, signals, iif(signals = 64, 0.1, 1), status FROM completions;
     COMMIT;`,
  );
  await db.close();
}

/** Enough that everything of which only the newest is read is there in full. */
const FEW = 3000;

describe('100,000 stored events', function () {
  this.timeout(60_000);
  let small: Awaited<ReturnType<typeof storage>>;
  let large: Awaited<ReturnType<typeof storage>>;
  before(async () => {
    [small, large] = [await storage(), await storage()];
    await fill(path.join(small.folder, 'feedback.db'), FEW);
    await fill(path.join(large.folder, 'feedback.db'), 100_000);
    for (const { store } of [small, large]) for (const one of corrections(12)) await capture(store, one);
  });
  after(async () => {
    await small.close();
    await large.close();
  });

  /** Shortest of some runs, in ms: what the work takes, not what else the machine did. */
  async function shortest(work: () => Promise<unknown>, runs = 7): Promise<number> {
    let best = Infinity;
    for (let i = 0; i < runs; i++) {
      const began = performance.now();
      await work();
      best = Math.min(best, performance.now() - began);
    }
    return best;
  }

  async function asFast(what: string, work: (store: FeedbackStore) => Promise<unknown>): Promise<void> {
    const few = await shortest(() => work(small.store));
    const many = await shortest(() => work(large.store));
    assert.ok(
      many < 4 * few + 20,
      `${what}: ${few.toFixed(1)} ms with ${FEW} events, ${many.toFixed(1)} with 100,000`,
    );
  }

  it('are not read by a round: what it takes has a limit', async () => {
    for (const fromBase of [false, true]) {
      const found = await gather(large.store, fromBase);
      const all = [...found.fresh, ...found.rehearsed, ...found.heldOut, ...found.kept];
      assert.ok(all.length <= 400, `${all.length} events`);
      assert.equal(found.newlyHeldOut.length + found.fresh.length - (fromBase ? 256 : 0), 12);
    }
    await asFast('gathering', (store) => gather(store, false));
  });

  it('slow neither the scheduler nor a new event', async () => {
    const training = ({ store, folder }: typeof small) =>
      new Training({
        store,
        storagePath: folder,
        modelDirectory: '',
        modelHash: '',
        replayPath: null,
        settings: defaultSettings.learning,
        trainerEntry: TRAINER,
      });
    await asFast('scheduling', (store) => training(store === small.store ? small : large).whyNotNow());
    let next = 0;
    await asFast('capture', (store) =>
      capture(store, { ...corrections(1)[0]!, completionId: `new-${next++}`, status: 'dropped' }),
    );
  });

  it('leave the instant memory its newest corrections', async () => {
    const memory = new RecallMemory(large.store);
    await memory.load();
    const { prefix, languageId } = corrections(1)[0]!;
    assert.match(memory.recall({ prefix, languageId }) ?? '', /lg\.emit\(Level\.Warn/);
    await asFast('loading', (store) => new RecallMemory(store).load());
  });
});
