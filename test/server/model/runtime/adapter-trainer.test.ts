import assert from 'node:assert/strict';
import { join } from 'node:path';
import { checkSettings } from '../../../../server/bench/model/check';
import { type FolderModel, loadAdapter, openModel } from '../../../../server/model/open';
import type { Adapter, TrainingRow } from '../../../../server/model/types';
import { compare, expectedTensors, golden } from '../golden';

const long = expectedTensors('qwen2').ids('long_ids');
const options = { rank: 4, alpha: 8, seed: 1 };
const row = (more: Partial<TrainingRow> = {}): TrainingRow => ({
  prompt: long.slice(0, 20),
  response: long.slice(20, 28),
  crossEntropy: 1,
  ...more,
});

describe('training session', () => {
  let model: FolderModel;
  let adapter: Adapter;

  before(async () => {
    model = await openModel(golden('qwen2'));
    adapter = loadAdapter(join(golden('qwen2'), 'adapter'));
  });
  after(() => model.close());

  /** The adapter after one step on these rows, each call of accumulate with its scale. */
  async function stepped(calls: [TrainingRow[], number][]): Promise<Adapter> {
    const trainer = await model.trainer({ ...options, adapter });
    for (const [rows, scale] of calls) await trainer.accumulate(rows, scale);
    // Plain gradient descent would show the gradients themselves; a large epsilon makes AdamW nearly that.
    trainer.step({
      ...checkSettings.optimizer,
      epsilon: 10,
      maxGradNorm: 0,
      weightDecay: 0,
      learningRate: 1,
    });
    const result = trainer.adapter();
    await trainer.close();
    return result;
  }

  function difference(a: Adapter, b: Adapter): number {
    return Math.max(...[...a.tensors].map(([name, t]) => compare(t.data, b.tensors.get(name)!.data).error));
  }

  it('adds batches up: padding, order and splitting change nothing', async () => {
    const rows = [
      row(),
      row({ prompt: long.slice(0, 1), response: [9] }),
      row({ prompt: long, response: [1, 2, 3] }),
    ];
    const whole = await stepped([[rows, 0.5]]);
    const parts = await stepped([
      [[rows[2]!], 0.5],
      [[rows[1]!, rows[0]!], 0.5],
    ]);
    assert.ok(difference(whole, adapter) > 1e-3);
    assert.ok(difference(whole, parts) < 1e-6);
  });

  it('reports each row’s own losses, in the order of the rows', async () => {
    const trainer = await model.trainer({ ...options, adapter });
    const scorer = await model.scorer();
    const rows = [row({ prompt: long, response: [5, 6] }), row()];
    const { crossEntropy } = await trainer.accumulate(rows, 1);
    for (const [i, r] of rows.entries()) {
      const { logProbs } = await scorer.score(r.prompt, r.response, adapter, 0);
      assert.ok(Math.abs(crossEntropy[i]! + logProbs.reduce((a, b) => a + b, 0) / logProbs.length) < 1e-5);
    }
    await trainer.close();
    await scorer.close();
  });

  it('weighs positions by the mask: a masked response is the shorter response', async () => {
    const mask = Float32Array.of(1, 1, 1, 0, 0, 0, 0, 0);
    const masked = await stepped([[[row({ mask })], 1]]);
    const short = await stepped([[[row({ response: long.slice(20, 23) })], 1]]);
    assert.ok(difference(masked, short) < 1e-6);
    const nothing = await stepped([[[row({ mask: new Float32Array(8) })], 1]]);
    assert.equal(difference(nothing, adapter), 0);
  });

  it('takes advantages as factors of each position', async () => {
    const twice = await stepped([[[row({ advantages: new Float32Array(8).fill(2) })], 1]]);
    assert.ok(difference(twice, await stepped([[[row()], 2]])) < 1e-6);
  });

  it('has no divergence from itself, and no gradient from it', async () => {
    const scorer = await model.scorer();
    const { prompt, response } = row();
    const { topIds, topLogProbs } = await scorer.score(prompt, response, adapter, 6);
    for (const kind of ['forward', 'reverse', 'jsd'] as const) {
      const divergence = { kind, weight: 1, ids: topIds, logProbs: topLogProbs, topK: 6 };
      const trainer = await model.trainer({ ...options, adapter });
      const losses = await trainer.accumulate(
        [row({ crossEntropy: 0, divergence }), row({ crossEntropy: 0 })],
        1,
      );
      assert.ok(Math.abs(losses.divergence[0]!) < 1e-6);
      assert.equal(losses.divergence[1], 0);
      assert.ok(trainer.step(checkSettings.optimizer).gradNorm < 1e-5);
      await trainer.close();
    }
    await scorer.close();
  });

  it('runs rows with supports of different sizes together', async () => {
    const divergence = (topK: number) => ({
      kind: 'forward' as const,
      weight: 1,
      ids: Int32Array.from({ length: 8 * topK }, (_, i) => i % topK),
      logProbs: new Float32Array(8 * topK).fill(Math.log(0.5 / topK)),
      topK,
    });
    const rows = [row({ divergence: divergence(3) }), row({ divergence: divergence(5) }), row()];
    const together = await stepped([[rows, 1]]);
    const apart = await stepped(rows.map((r) => [[r], 1]));
    assert.ok(difference(together, apart) < 1e-6);
  });

  it('learns: sixty steps make a response likely, and the decoder says it', async () => {
    const trainer = await model.trainer(options);
    const response = [11, 222, 33, 144];
    let first = 0;
    let last = 0;
    for (let i = 0; i < 60; i++) {
      const { crossEntropy } = await trainer.accumulate([row({ response })], 1);
      last = crossEntropy[0]!;
      if (i === 0) first = last;
      trainer.step(checkSettings.optimizer);
    }
    // The reference model’s small output layer cannot be surer than this.
    assert.ok(first > 6 && last < 2, `${first} to ${last}`);
    const decoder = await model.decoder();
    decoder.setAdapter(trainer.adapter());
    assert.deepEqual(
      (await decoder.generate({ prompt: row().prompt, maxTokens: 4, stopIds: [] })).ids,
      response,
    );
    await decoder.close();
    await trainer.close();
  });

  it('goes on from a checkpoint as if it had not stopped', async () => {
    const take = async (trainer: Awaited<ReturnType<typeof model.trainer>>, steps: number) => {
      for (let i = 0; i < steps; i++) {
        await trainer.accumulate([row()], 1);
        trainer.step(checkSettings.optimizer);
      }
    };
    const whole = await model.trainer(options);
    await take(whole, 4);
    const begun = await model.trainer(options);
    await take(begun, 2);
    const resumed = await model.trainer({ ...options, adapter: begun.adapter() });
    resumed.loadOptimizerState(begun.optimizerState());
    await take(resumed, 2);
    assert.equal(resumed.adapter().hash, whole.adapter().hash);
    for (const t of [whole, begun, resumed]) await t.close();
  });

  it('trains a copy: neither the given adapter nor a returned one changes', async () => {
    const before = loadAdapter(join(golden('qwen2'), 'adapter'));
    const trainer = await model.trainer({ ...options, adapter });
    const returned = trainer.adapter();
    await trainer.accumulate([row()], 1);
    trainer.step(checkSettings.optimizer);
    assert.deepEqual(adapter.tensors, before.tensors);
    assert.deepEqual(returned.tensors, before.tensors);
    assert.notEqual(trainer.adapter().hash, before.hash);
    await trainer.close();
  });

  it('refuses rows that make no sense', async () => {
    const trainer = await model.trainer(options);
    await assert.rejects(trainer.accumulate([row({ response: [] })], 1), /empty/);
    await assert.rejects(trainer.accumulate([row({ response: [900] })], 1), /outside/);
    await assert.rejects(trainer.accumulate([row({ mask: new Float32Array(3) })], 1), /do not match/);
    await assert.rejects(model.trainer({ ...options, rank: 0 }), /rank of 0/);
    await trainer.close();
  });
});
