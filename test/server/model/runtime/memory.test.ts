import assert from 'node:assert/strict';

import { openModel } from '../../../../server/model/open';
import {
  availableMemory,
  checkWeights,
  planTraining,
  trainingBytes,
} from '../../../../server/model/runtime/memory';
import type { ModelParts } from '../../../../server/model/runtime/sessions';
import { golden } from '../golden';

describe('memory', () => {
  let parts: ModelParts;
  before(async () => {
    parts = (await openModel(golden('qwen2'))).parts;
  });
  const run = { rows: 2, time: 200, scored: 20 };

  it('of a training run grows with its tokens, and is less where activations are computed again', () => {
    const bytes = (time: number, recompute: boolean) =>
      trainingBytes(parts.config, { ...run, time, recompute });
    assert.ok(bytes(400, false) > 2 * bytes(200, false));
    assert.ok(bytes(400, true) < bytes(400, false));
  });

  it('decides whether activations are kept, computed again, or the run is refused with a sentence', () => {
    const kept = trainingBytes(parts.config, { ...run, recompute: false });
    const again = trainingBytes(parts.config, { ...run, recompute: true });
    assert.deepEqual(planTraining(parts, run, kept / 0.5), { recompute: false });
    assert.deepEqual(planTraining(parts, run, again / 0.55), { recompute: true });
    assert.deepEqual(planTraining({ ...parts, recompute: true }, run, kept / 0.5), { recompute: true });
    assert.throws(
      () => planTraining(parts, run, again / 10),
      /^ModelError: Training on 200 tokens at once needs \d+\.\d GB of memory .*: close other programs, or choose/,
    );
  });

  it('of the weights is refused where the machine has too little', () => {
    checkWeights('m', 1e9, 2e9);
    assert.throws(
      () => checkWeights('/m', 7e9, 8e9),
      /^ModelError: \/m needs 7\.0 GB .* has 8\.0 GB: choose/,
    );
  });

  it('that can be had is told by the system', () => {
    const bytes = availableMemory();
    assert.ok(bytes > 1e8 && Number.isFinite(bytes), String(bytes));
  });
});
