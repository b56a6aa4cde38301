import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import { ModelError } from '../../../../server/model/errors';
import { halfBits, halfToFloat } from '../../../../server/model/files/float16';
import { writeSafetensors } from '../../../../server/model/files/safetensors';
import { Weights } from '../../../../server/model/files/weights';
import { openModel } from '../../../../server/model/open';
import { weightsToFloat16 } from '../../../../server/model/quantize/to-float16';
import { SessionDecoder } from '../../../../server/model/runtime/decoder';
import { removeFolders, temporaryFolder } from '../folders';
import { compare, expectedTensors, golden } from '../golden';

describe('half precision', () => {
  after(removeFolders);

  it('rounds to the nearest number, ties to even', () => {
    const known = [0, 0x0000, -0, 0x8000, 1, 0x3c00, -2, 0xc000, 65504, 0x7bff, 65519, 0x7bff, 65520, 0x7c00];
    const more = [2 ** -24, 1, 2 ** -25, 0, 1.0001 * 2 ** -25, 1, 2 ** -14, 0x0400, 1 + 2 ** -11, 0x3c00];
    const last = [
      1 + 3 * 2 ** -11,
      0x3c02,
      Number.POSITIVE_INFINITY,
      0x7c00,
      1e30,
      0x7c00,
      Number.NaN,
      0x7e00,
    ];
    const all = [...known, ...more, ...last];
    for (let i = 0; i < all.length; i += 2) assert.equal(halfBits(all[i]!), all[i + 1]!, String(all[i]));
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65000, max: 65000 }), (x) => {
        const back = halfToFloat(halfBits(x));
        assert.ok(Math.abs(back - x) <= Math.max(Math.abs(x) * 2 ** -11, 2 ** -25), `${x} became ${back}`);
      }),
    );
    for (let h = 0; h < 0x7c00; h++) assert.equal(halfBits(halfToFloat(h)), h);
  });

  // The CPU multiplies in float16 too, slowly: the graph is tested here, the devices where they are.
  for (const name of ['qwen2', 'starcoder2', 'qwen3-bf16']) {
    it(`decodes nearly as float32 does (${name})`, async () => {
      const { parts } = await openModel(golden(name));
      const decodeWeights = await weightsToFloat16(parts.weights, temporaryFolder());
      assert.ok(decodeWeights.bytes < 0.55 * 4 * parts.weights.parameters);
      const prompt = expectedTensors(name).ids('long_ids');
      const request = { prompt, maxTokens: 6, stopIds: [] };
      const want = await new SessionDecoder(parts).generate(request);
      const got = await new SessionDecoder({ ...parts, decodeWeights }).generate(request);
      const { error } = compare(got.logProbs, want.logProbs);
      assert.ok(error > 0 && error < 0.02, `off by ${error} nats`);
    });
  }

  it('is refused where a weight is too large for it', async () => {
    const file = join(temporaryFolder(), 'model.safetensors');
    await writeSafetensors(file, new Map([['w', { shape: [1, 2], data: Float32Array.of(1, 70000) }]]));
    await assert.rejects(
      weightsToFloat16(Weights.ofFiles([file], 'm'), temporaryFolder()),
      (e) =>
        e instanceof ModelError && /tensor w holds 70000, too large for float16: use float32/.test(e.message),
    );
  });

  it('is for devices other than the CPU, which says so', async () => {
    const model = await openModel(golden('qwen2'), { precision: 'float16' });
    assert.equal(model.notice, 'The precision float16 is not for the device cpu; float32 is used.');
    assert.equal(model.parts.decodeWeights, undefined);
  });
});
