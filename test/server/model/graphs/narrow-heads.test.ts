import assert from 'node:assert/strict';
import { openModel } from '../../../../server/model/open';
import { copyOf, removeFolders } from '../folders';

describe('heads that the fused attention operator does not take', () => {
  after(removeFolders);

  for (const [heads, width] of [
    [14, 4],
    [7, 8],
  ] as const) {
    it(`decode as they are scored (${heads} heads of ${width})`, async () => {
      // The same weights cut into other heads: both ways to attend must still agree.
      const model = await openModel(
        copyOf('qwen2', { num_attention_heads: heads, num_key_value_heads: 8 / width, head_dim: width }),
      );
      const prompt = Array.from({ length: 30 }, (_, i) => (i * 37) % 400);
      const decoder = await model.decoder();
      const { ids, logProbs } = await decoder.generate({ prompt, maxTokens: 10, stopIds: [] });
      const { logProbs: scored } = await (await model.scorer()).score(prompt, ids, null, 0);
      assert.equal(ids.length, 10);
      for (const [t, logProb] of logProbs.entries()) {
        assert.ok(Math.abs(logProb - scored[t]!) < 1e-4, `token ${t}: ${logProb} and ${scored[t]}`);
      }
      await model.close();
    });
  }
});
