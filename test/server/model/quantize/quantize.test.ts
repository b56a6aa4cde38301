import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../../server/base/random';
import { parseConfig } from '../../../../server/model/architectures/config';
import { loadAdapter } from '../../../../server/model/files/peft';
import { Weights } from '../../../../server/model/files/weights';
import { packRows, quantizeWeights, scalesOf } from '../../../../server/model/quantize/quantize';
import { SessionDecoder } from '../../../../server/model/runtime/decoder';
import { SessionScorer } from '../../../../server/model/runtime/scorer';
import type { ModelParts } from '../../../../server/model/runtime/sessions';
import { dequantize } from '../dequantize';
import { removeFolders, temporaryFolder } from '../folders';
import { expectedTensors, golden, goldenNames } from '../golden';

describe('quantized weights', () => {
  after(removeFolders);

  for (const bits of [4, 8] as const) {
    it(`are within half a step of the values (${bits} bits), also where rows do not fill their last block`, () => {
      const random = seededRandom(1);
      const [rows, inputs] = [3, 56];
      const values = Float32Array.from({ length: rows * inputs }, () => 4 * random() - 2);
      values.fill(0, 0, 32);
      const scales = scalesOf(values, rows, bits);
      const packed = packRows(values, rows, bits, scales);
      const back = dequantize(packed, scales, bits, inputs);
      assert.equal(back.length, values.length);
      for (const [i, x] of values.entries()) {
        const block = Math.floor(i / inputs) * 2 + Math.floor((i % inputs) / 32);
        assert.ok(Math.abs(back[i]! - x) <= 0.5001 * scales[block]!, `${back[i]} is not ${x}`);
      }
      assert.ok(back.slice(0, 32).every((x) => x === 0));
    });
  }

  for (const name of goldenNames) {
    it(`decode nearly as float32 does, and 8 bits nearer than 4 (${name})`, async () => {
      const path = join(golden(name), 'config.json');
      const config = parseConfig(JSON.parse(readFileSync(path, 'utf8')), path);
      const weights = Weights.open(golden(name));
      const parts: ModelParts = { config, weights, device: 'cpu', threads: 1 };
      const adapter = loadAdapter(join(golden(name), 'adapter'));
      const prompt = expectedTensors(name).ids('long_ids');
      const scorer = new SessionScorer(parts);
      const off: number[] = [];
      for (const bits of [8, 4] as const) {
        const decodeWeights = await quantizeWeights(weights, config, bits, temporaryFolder());
        assert.ok(decodeWeights.bytes < 0.9 * weights.parameters * 4 + weights.bytes);
        const decoder = new SessionDecoder({ ...parts, decodeWeights });
        decoder.setAdapter(adapter);
        const { ids, logProbs } = await decoder.generate({ prompt, maxTokens: 16, stopIds: [] });
        const exact = await scorer.score(prompt, ids, adapter, 0);
        off.push(logProbs.reduce((sum, x, t) => sum + Math.abs(x - exact.logProbs[t]!), 0) / ids.length);
        await decoder.close();
      }
      await scorer.close();
      assert.ok(off[0]! > 0 && off[0]! < 0.03, `8 bits: off by ${off[0]} nats a token`);
      assert.ok(off[1]! > off[0]! && off[1]! < 0.5, `4 bits: off by ${off[1]} nats a token`);
    });
  }
});
