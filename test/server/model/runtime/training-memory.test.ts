import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases, runCases } from '../../../../server/bench/model/check';
import { adapterModules } from '../../../../server/model/adapter';
import { linearModules } from '../../../../server/model/architectures/linear-modules';
import { loadAdapter } from '../../../../server/model/files/peft';
import { readFloats, readHeader, writeSafetensors } from '../../../../server/model/files/safetensors';
import { Weights } from '../../../../server/model/files/weights';
import { openModel } from '../../../../server/model/open';
import { type Bits, quantizeWeights } from '../../../../server/model/quantize/quantize';
import { type GradientRow, GradientSession } from '../../../../server/model/runtime/gradient-session';
import type { ModelParts } from '../../../../server/model/runtime/sessions';
import { dequantize } from '../dequantize';
import { removeFolders, temporaryFolder } from '../folders';
import { compare, expectedTensors, golden, goldenNames } from '../golden';

/** A file of float32 weights that are exactly what the quantized weights stand for. */
async function widened(few: Weights, bits: Bits): Promise<Weights> {
  const { path } = few.files[0]!;
  const { tensors } = readHeader(path);
  const out = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, t] of tensors) {
    if (name.includes('.int')) continue;
    out.set(name, { shape: t.shape, data: readFloats(t) });
  }
  const bytes = readFileSync(path);
  for (const m of linearModules((await openModel(few.directory)).parts.config)) {
    const packed = tensors.get(`${m.name}.weight.int${bits}`);
    if (!packed) continue;
    const scales = readFloats(tensors.get(`${m.name}.weight.int${bits}.scale`)!);
    const raw = bytes.subarray(packed.offset, packed.offset + packed.length);
    const values = Float32Array.from(dequantize(raw, scales, bits, m.inputs));
    out.set(`${m.name}.weight`, { shape: [m.outputs, m.inputs], data: values });
  }
  const file = join(temporaryFolder(), 'model.safetensors');
  await writeSafetensors(file, out);
  return Weights.ofFiles([file], few.directory);
}

async function gradients(parts: ModelParts, name: string) {
  const all = linearModules(parts.config);
  const factors = adapterModules(loadAdapter(join(golden(name), 'adapter')), all);
  const targets = all.filter((m) => factors.has(m.name));
  const session = await GradientSession.create(parts, targets, 'full');
  const ids = expectedTensors(name).ids('long_ids');
  const row = (prompt: number, response: number): GradientRow => ({
    prompt: ids.slice(0, prompt),
    response: ids.slice(prompt, prompt + response),
    weights: { ce: new Float32Array(response).fill(1 / response) },
  });
  const result = await session.run([row(20, 9), row(5, 3)], factors, 1);
  await session.close();
  return result;
}

describe('training in less memory', () => {
  after(removeFolders);

  for (const name of goldenNames) {
    it(`activations computed again change no gradient (${name})`, async () => {
      const model = await openModel(golden(name), { recompute: true });
      const want = expectedTensors(name);
      const { tensors } = await runCases(model, readCases(join(golden(name), 'expected.safetensors'), 413));
      await model.close();
      for (const key of want.names.filter((n) => /^(grad|adamw)/.test(n))) {
        const { error, largest } = compare(tensors.get(key)!.data as Float32Array, want.floats(key));
        assert.ok(error <= 1e-3 * largest, `${key} is off by ${error} of ${largest}`);
      }
    });
  }

  for (const name of ['qwen2', 'llama-linear-rope-untied', 'starcoder2']) {
    for (const bits of [8, 4] as const) {
      it(`weights in ${bits} bits give the gradients of the numbers they stand for (${name})`, async () => {
        const { parts } = await openModel(golden(name));
        const trainingWeights = await quantizeWeights(parts.weights, parts.config, bits, temporaryFolder());
        const exact = await gradients({ ...parts, weights: await widened(trainingWeights, bits) }, name);
        for (const recompute of [false, true]) {
          const few = await gradients({ ...parts, trainingWeights, recompute }, name);
          for (const [i, { ce }] of few.losses.entries())
            assert.ok(compare(ce, exact.losses[i]!.ce).error < 1e-4);
          for (const [key, want] of exact.gradients) {
            const { error, largest } = compare(few.gradients.get(key)!, want);
            assert.ok(error <= 1e-3 * largest, `${key} is off by ${error} of ${largest}`);
          }
        }
      });
    }
  }
});
