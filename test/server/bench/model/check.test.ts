import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type CheckResult, readCases, runCases } from '../../../../server/bench/model/check';
import { openModel } from '../../../../server/model/open';
import { compare, expected, expectedTensors, golden, goldenNames } from '../../model/golden';

/** The tolerances of the reference cases: logits absolute, losses absolute, gradients relative to the largest entry. */
const tolerance = { logits: 2e-4, loss: 1e-5, gradient: 1e-3 };

for (const name of goldenNames) {
  describe(`reference cases of ${name}`, () => {
    let result: CheckResult;
    const want = expectedTensors(name);

    before(async function () {
      this.timeout(20_000);
      const model = await openModel(golden(name));
      result = await runCases(model, readCases(join(golden(name), 'expected.safetensors'), 413));
      await model.close();
    });

    it('names every expected tensor', () => {
      const given = ['long_ids', 'prompt_ids', 'teacher_prompt_ids', 'response_ids'];
      assert.deepEqual(
        want.names.filter((n) => !given.includes(n)).sort(),
        [...result.tensors.keys()].sort(),
      );
    });

    it('agrees on logits', () => {
      for (const key of ['long_logits', 'long_logits_adapter', 'student_logits', 'teacher_logits']) {
        const { error } = compare(result.tensors.get(key)!.data as Float32Array, want.floats(key));
        assert.ok(error <= tolerance.logits, `${key} is off by ${error}`);
      }
    });

    it('continues greedily with the same text', () => {
      assert.deepEqual(Array.from(result.tensors.get('greedy_ids')!.data, Number), want.ids('greedy_ids'));
    });

    it('agrees on the losses and gradient norms', () => {
      for (const [key, value] of Object.entries(expected(name).losses)) {
        const error = Math.abs(result.losses[key]! - value);
        assert.ok(error <= tolerance.loss, `${key} is off by ${error}`);
      }
    });

    it('agrees on every gradient and optimiser step', () => {
      for (const key of want.names.filter((n) => /^(grad|adamw)/.test(n))) {
        const { error, largest } = compare(result.tensors.get(key)!.data as Float32Array, want.floats(key));
        assert.ok(error <= tolerance.gradient * largest, `${key} is off by ${error} of ${largest}`);
      }
    });
  });
}
