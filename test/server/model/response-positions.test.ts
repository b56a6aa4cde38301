import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases, runCases } from '../../../server/bench/model/check';
import { makeAdapter } from '../../../server/model/adapter';
import { loadAdapter, saveAdapter } from '../../../server/model/files/peft';
import { readFloats, readHeader, readIntegers } from '../../../server/model/files/safetensors';
import { type FolderModel, openModel } from '../../../server/model/open';
import type { Adapter } from '../../../server/model/types';
import { removeFolders, temporaryFolder } from './folders';
import { compare, golden, goldenNames } from './golden';

const cases = (name: string) => readCases(join(golden(name), 'expected.safetensors'), 413);
const reference = (name: string) => join(process.cwd(), 'test/fixtures/response', name);
const onResponses = (name: string): Adapter =>
  makeAdapter({ ...loadAdapter(join(golden(name), 'adapter')), positions: 'response' });

describe('adapters that act on response positions only', function () {
  this.timeout(60_000);
  after(removeFolders);

  for (const name of goldenNames) {
    describe(name, () => {
      let model: FolderModel;
      before(async () => {
        model = await openModel(golden(name));
      });
      after(() => model.close());

      it('agrees with PyTorch on logits, losses and gradients', async () => {
        const { tensors, losses } = await runCases(model, cases(name), 'response');
        for (const [key, stored] of readHeader(reference(`${name}.safetensors`)).tensors) {
          if (key.endsWith('_ids')) continue;
          const { error, largest } = compare(tensors.get(key)!.data as Float32Array, readFloats(stored));
          assert.ok(error <= (key.includes('logits') ? 2e-4 : 1e-3 * largest), `${key} is off by ${error}`);
        }
        const wanted = JSON.parse(readFileSync(reference(`${name}.json`), 'utf8')).losses;
        for (const [key, value] of Object.entries<number>(wanted))
          assert.ok(Math.abs(losses[key]! - value) <= 1e-5, `${key} is ${losses[key]} and not ${value}`);
      });

      it('writes the text that PyTorch writes, and scores it the same', async () => {
        const { promptIds: prompt } = cases(name).adapted!;
        const adapter = onResponses(name);
        const decoder = await model.decoder();
        decoder.setAdapter(adapter);
        const { ids, logProbs } = await decoder.generate({ prompt, maxTokens: 24, stopIds: [] });
        const { tensors } = readHeader(reference(`${name}.safetensors`));
        assert.deepEqual(ids, readIntegers(tensors.get('greedy_adapter_ids')!));
        const scorer = await model.scorer();
        const scored = await scorer.score(prompt, ids, adapter, 0);
        assert.ok(compare(scored.logProbs, logProbs).error < 2e-4);
      });

      it('writes several texts together as it writes each alone', async () => {
        const { promptIds, teacherPromptIds } = cases(name).adapted!;
        const decoder = await model.decoder();
        const one = { stopIds: [], maxTokens: 9 };
        const requests = [
          { ...one, prompt: promptIds, maxTokens: 4 },
          { ...one, prompt: teacherPromptIds },
          { ...one, prompt: promptIds, temperature: 1, seed: 3 },
          { ...one, prompt: promptIds.slice(-1), maxTokens: 14 },
          { ...one, prompt: promptIds, begun: teacherPromptIds.slice(0, 3) },
          { ...one, prompt: promptIds, begun: teacherPromptIds.slice(0, 3), cacheKey: 'known' },
        ];
        for (const adapter of [null, onResponses(name), loadAdapter(join(golden(name), 'adapter'))]) {
          decoder.setAdapter(adapter);
          await decoder.generate({ ...one, prompt: promptIds, cacheKey: 'known' });
          const batch = await decoder.generateBatch(requests);
          for (const [i, request] of requests.entries()) {
            const alone = await decoder.generate(request);
            assert.deepEqual(batch[i]!.ids, alone.ids);
            assert.ok(compare(batch[i]!.logProbs, alone.logProbs).error < 2e-4);
          }
        }
      });
    });
  }

  describe('and the caches of prompts', () => {
    let model: FolderModel;
    const { promptIds } = cases('qwen2').adapted!;
    const request = { cacheKey: 'document', maxTokens: 8, stopIds: [] };
    before(async () => {
      model = await openModel(golden('qwen2'));
    });
    after(() => model.close());

    const fresh = async (adapter: Adapter | null, prompt: number[]) => {
      const decoder = await model.decoder();
      decoder.setAdapter(adapter);
      const made = await decoder.generate({ ...request, prompt });
      await decoder.close();
      return made.ids;
    };

    it('are kept over a swap, and give what a new cache gives', async () => {
      const adapter = onResponses('qwen2');
      const other = makeAdapter({ ...adapter, alpha: 3 * adapter.alpha });
      const decoder = await model.decoder();
      let reused = 0;
      for (const one of [null, adapter, other, null, adapter]) {
        decoder.setAdapter(one);
        const { ids, reusedTokens } = await decoder.generate({ ...request, prompt: promptIds });
        assert.equal(reusedTokens, reused);
        assert.deepEqual(ids, await fresh(one, promptIds));
        reused = promptIds.length - 1;
      }
    });

    it('read what was accepted again, since it is prompt now', async () => {
      const adapter = onResponses('qwen2');
      const decoder = await model.decoder();
      decoder.setAdapter(adapter);
      const first = await decoder.generate({ ...request, prompt: promptIds });
      const longer = [...promptIds, ...first.ids.slice(0, 5)];
      const second = await decoder.generate({ ...request, prompt: longer });
      assert.equal(second.reusedTokens, promptIds.length - 1);
      assert.deepEqual(second.ids, await fresh(adapter, longer));
      const everywhere = loadAdapter(join(golden('qwen2'), 'adapter'));
      decoder.setAdapter(everywhere);
      const third = await decoder.generate({ ...request, prompt: longer });
      assert.equal(
        third.reusedTokens,
        0,
        'what the base has read is of no use to an adapter on all positions',
      );
      assert.deepEqual(third.ids, await fresh(everywhere, longer));
      decoder.setAdapter(null);
      const fourth = await decoder.generate({ ...request, prompt: longer });
      assert.equal(fourth.reusedTokens, 0);
      assert.deepEqual(fourth.ids, await fresh(null, longer));
    });
  });

  it('keep their positions in the file, which says them to PEFT as well', async () => {
    const folder = join(temporaryFolder(), 'adapter');
    const adapter = onResponses('qwen2');
    await saveAdapter(adapter, folder, '', [408]);
    const read = loadAdapter(folder);
    assert.deepEqual([read.positions, read.hash], ['response', adapter.hash]);
    assert.notEqual(read.hash, loadAdapter(join(golden('qwen2'), 'adapter')).hash);
    const file = join(folder, 'adapter_config.json');
    const config = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual(config.alora_invocation_tokens, [408]);
    writeFileSync(file, JSON.stringify({ ...config, positions: 'elsewhere' }));
    assert.throws(() => loadAdapter(folder), /acts at the positions "elsewhere", which are not known/);
    writeFileSync(file, JSON.stringify({ ...config, positions: undefined }));
    assert.throws(() => loadAdapter(folder), /switched on by tokens of the text/);
  });

  it('are trained as such, and stay so', async () => {
    const model = await openModel(golden('llama-tied'));
    const trainer = await model.trainer({ rank: 2, alpha: 4, seed: 1, positions: 'response' });
    assert.equal(trainer.adapter().positions, 'response');
    const again = await model.trainer({ adapter: trainer.adapter(), rank: 2, alpha: 4, seed: 1 });
    assert.equal(again.adapter().positions, 'response');
    await model.close();
  });
});
