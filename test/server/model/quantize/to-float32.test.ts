import assert from 'node:assert/strict';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../../server/model/architectures/config';
import { readFloats } from '../../../../server/model/files/safetensors';
import { Weights } from '../../../../server/model/files/weights';
import { weightsToFloat32 } from '../../../../server/model/quantize/to-float32';
import { SessionScorer } from '../../../../server/model/runtime/scorer';
import { removeFolders, temporaryFolder } from '../folders';
import { compare, expectedTensors, golden } from '../golden';

describe('float32 copies of half-precision weights', () => {
  after(removeFolders);
  const directory = golden('qwen3-bf16');

  it('hold the same numbers and give the same logits', async () => {
    const stored = Weights.open(directory);
    const wide = await weightsToFloat32(stored, temporaryFolder());
    const originals = new Map(stored.entries());
    for (const [name, t] of wide.entries()) {
      assert.equal(t.type, 'F32');
      assert.deepEqual(readFloats(t), readFloats(originals.get(name)!));
    }
    assert.equal([...wide.entries()].length, originals.size);
    const config = parseConfig(
      JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')),
      'config.json',
    );
    const scorer = new SessionScorer({ config, weights: wide, device: 'cpu', threads: 1 });
    const want = expectedTensors('qwen3-bf16');
    const ids = want.ids('long_ids');
    const logits = await scorer.logits(ids.slice(0, 1), [...ids.slice(1), 0], null);
    assert.ok(compare(logits, want.floats('long_logits')).error < 2e-4);
    await scorer.close();
  });

  it('are made once, leave nothing else behind, and go when they were not used for long', async () => {
    const folder = temporaryFolder();
    const stale = join(folder, 'old.safetensors');
    writeFileSync(stale, 'x');
    utimesSync(stale, 1, 1);
    const first = await weightsToFloat32(Weights.open(directory), folder);
    const again = await weightsToFloat32(Weights.open(directory), folder);
    assert.equal(again.files[0]!.path, first.files[0]!.path);
    assert.equal(readdirSync(folder).length, 1);
  });
});
