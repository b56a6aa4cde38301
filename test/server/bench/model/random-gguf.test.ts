import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { writeRandomGguf } from '../../../../server/bench/model/random-gguf';
import { readGguf } from '../../../../server/model/files/gguf/header';
import { openModel } from '../../../../server/model/open';
import { removeFolders, temporaryFolder } from '../../model/folders';

describe('GGUF files of random weights', () => {
  after(removeFolders);

  it('are read whole by this program, and compute numbers', async function () {
    this.timeout(20_000);
    for (const mix of ['Q8_0', 'Q4_0'] as const) {
      const path = join(temporaryFolder(), `${mix}.gguf`);
      await writeRandomGguf(path, 'embedded', mix);
      const { tensors, size } = readGguf(path);
      assert.equal(size, statSync(path).size);
      assert.equal(tensors.get('blk.0.ffn_down.weight')!.type, mix);
      const model = await openModel(path);
      const decoder = await model.decoder();
      const { logProbs } = await decoder.generate({ prompt: [5, 60, 7], maxTokens: 4, stopIds: [] });
      assert.ok(logProbs.length === 4 && logProbs.every((logProb) => logProb < 0));
      await model.close();
    }
  });

  it('are refused where rows do not divide into the blocks of the mix', async () => {
    await assert.rejects(
      writeRandomGguf(join(temporaryFolder(), 'm.gguf'), 'embedded', 'Q4_K_M'),
      /no multiple of 256: choose Q8_0/,
    );
  });
});
