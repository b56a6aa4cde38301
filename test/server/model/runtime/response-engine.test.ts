import assert from 'node:assert/strict';
import { random } from '../../../../server/base/random';
import { makeAdapter } from '../../../../server/model/adapter';
import { type FolderModel, openModel } from '../../../../server/model/open';
import { PromptStore } from '../../../../server/model/runtime/prompt-store';
import type { Adapter, TrainingRow } from '../../../../server/model/types';
import { compare, golden, goldenNames } from '../golden';

/** Keys and values in half precision move logits a little. */
const NEAR = 3e-3;

const source = random(7);
const ids = (n: number) => Array.from({ length: n }, () => source.below(400));
const rows = [
  { prompt: ids(13), response: ids(6) },
  { prompt: ids(1), response: ids(9) },
  { prompt: ids(30), response: ids(2) },
];

/** Factors that change something everywhere the adapter reaches. */
function lively(adapter: Adapter): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const [name, { shape, data }] of adapter.tensors)
    tensors.set(name, { shape, data: data.map(() => 0.2 * (source.next() - 0.5)) });
  const { hash: _hash, ...rest } = adapter;
  return makeAdapter({ ...rest, tensors });
}

describe('responses behind prompts that are read once', function () {
  this.timeout(60_000);

  for (const name of goldenNames) {
    for (const share of [1, 0.5]) {
      describe(`${name}, the upper ${100 * share} % of the layers`, () => {
        let model: FolderModel;
        let adapter: Adapter;
        before(async () => {
          model = await openModel(golden(name));
          const engine = await model.responses({ share });
          const trainer = await engine.trainer({ rank: 3, alpha: 6, seed: 2 });
          adapter = lively(trainer.adapter());
        });
        after(() => model.close());

        it('have the log-probs that whole rows have', async () => {
          const whole = await model.scorer();
          const engine = await model.responses({ adapter, share });
          for (const one of [null, adapter]) {
            const scored = await engine.scorer.scoreMany(rows, one, 5);
            for (const [i, { prompt, response }] of rows.entries()) {
              const wanted = await whole.score(prompt, response, one, 5);
              const got = scored[i]!;
              assert.ok(compare(got.logProbs, wanted.logProbs).error < NEAR);
              assert.ok(compare(got.entropy, wanted.entropy).error < NEAR);
              assert.ok(compare(got.topLogProbs, wanted.topLogProbs).error < NEAR);
              const logits = await engine.scorer.logits(prompt, response, one);
              const { error, largest } = compare(logits, await whole.logits(prompt, response, one));
              assert.ok(error < NEAR * Math.max(1, largest), `${error} of ${largest}`);
            }
          }
        });

        it('have the gradients that whole rows have', async () => {
          const training: TrainingRow[] = rows.map((row, i) => ({
            ...row,
            crossEntropy: 1 - 0.2 * i,
            ...(i < 2
              ? {
                  divergence: {
                    kind: 'forward' as const,
                    weight: 0.5,
                    ids: Int32Array.from({ length: 4 * row.response.length }, (_, j) => (j % 4) * 7),
                    logProbs: new Float32Array(4 * row.response.length).fill(Math.log(0.2)),
                    topK: 4,
                  },
                }
              : {}),
          }));
          const options = { adapter, rank: 3, alpha: 6, seed: 1 };
          const engine = await model.responses({ adapter, share });
          const [fast, slow] = [await engine.trainer(options), await model.trainer(options)];
          const [a, b] = [await fast.accumulate(training, 1), await slow.accumulate(training, 1)];
          assert.ok(compare(a.crossEntropy, b.crossEntropy).error < NEAR);
          assert.ok(compare(a.divergence, b.divergence).error < NEAR);
          const step = {
            learningRate: 1e3,
            beta1: 0,
            beta2: 0,
            epsilon: 1e3,
            weightDecay: 0,
            maxGradNorm: 0,
          };
          const norms = [fast.step(step).gradNorm, slow.step(step).gradNorm];
          assert.ok(Math.abs(norms[0]! / norms[1]! - 1) < NEAR, `${norms}`);
          // With so large an epsilon a step is the gradient itself.
          for (const [tensor, { data }] of fast.adapter().tensors) {
            const before = adapter.tensors.get(tensor)!.data;
            const other = slow.adapter().tensors.get(tensor)!.data;
            const moved = (now: Float32Array) => now.map((x, i) => before[i]! - x);
            const { error, largest } = compare(moved(data), moved(other));
            assert.ok(error <= 0.01 * largest + 1e-6, `${tensor} is off by ${error} of ${largest}`);
          }
        });
      });
    }
  }

  it('keep on the disk what memory has no room for', async () => {
    const model = await openModel(golden('qwen2'));
    const [all, none] = [new PromptStore(model.parts, 1e9), new PromptStore(model.parts, 0)];
    const prompts = rows.map(({ prompt }) => prompt);
    await all.read(prompts);
    await none.read(prompts);
    for (const prompt of prompts) assert.deepEqual(none.state(prompt), all.state(prompt));
    assert.equal(all.state(prompts[1]!), null);
    assert.throws(() => all.state(ids(5)), /has not been read/);
    await all.close();
    await none.close();
    await model.close();
  });

  it('are refused for an adapter that acts on prompts too', async () => {
    const model = await openModel(golden('qwen2'));
    const engine = await model.responses({ share: 1 });
    const { positions: _positions, ...rest } = (
      await engine.trainer({ rank: 1, alpha: 1, seed: 1 })
    ).adapter();
    await assert.rejects(model.responses({ adapter: rest, share: 1 }), /acts on prompts too/);
    await assert.rejects(engine.scorer.scoreMany(rows, lively(rest), 0), /acts on prompts too/);
    await model.close();
  });
});
