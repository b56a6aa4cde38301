import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases, runCases } from '../../../server/bench/model/check';
import { readFloats, readHeader, readIntegers } from '../../../server/model/files/safetensors';
import { openModel } from '../../../server/model/open';
import { removeFolders, temporaryFolder } from './folders';
import { compare, golden } from './golden';

const root = join(process.cwd(), 'test/fixtures/variants');
const names = readdirSync(root, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? [e.name] : []));

describe('further reference cases', () => {
  after(removeFolders);

  for (const name of names) {
    it(name, async () => {
      const folder = temporaryFolder();
      cpSync(join(root, name), folder, { recursive: true });
      cpSync(join(golden('qwen2'), 'tokenizer.json'), join(folder, 'tokenizer.json'));
      const model = await openModel(folder);
      const file = join(folder, 'expected.safetensors');
      const { tensors, losses } = await runCases(model, readCases(file, model.parts.config.vocabularySize));
      await model.close();
      for (const [key, stored] of readHeader(file).tensors) {
        if (key === 'greedy_ids') {
          assert.deepEqual(Array.from(tensors.get(key)!.data, Number), readIntegers(stored));
        } else if (!key.endsWith('_ids')) {
          const { error, largest } = compare(tensors.get(key)!.data as Float32Array, readFloats(stored));
          // After five steps of Adam a gradient near zero may have led either way.
          const limit = key.includes('logits') ? 2e-4 : (key.startsWith('adamw') ? 3e-3 : 1e-3) * largest;
          assert.ok(error <= limit, `${key} is off by ${error} of ${largest}`);
        }
      }
      const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')).losses;
      for (const [key, value] of Object.entries<number>(expected)) {
        const error = Math.abs(losses[key]! - value);
        assert.ok(error <= (key.startsWith('grad_norm') ? 1e-4 : 1e-5), `${key} is off by ${error}`);
      }
    });
  }
});
