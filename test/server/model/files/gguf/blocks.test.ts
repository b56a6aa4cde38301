import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockFormats } from '../../../../../server/model/files/gguf/blocks';
import { type GgmlType, layoutOf } from '../../../../../server/model/files/gguf/types';
import { ROOT } from '../../../../root';

const cases: Record<string, { bytes: string; values: string }> = JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/gguf/blocks.json'), 'utf8'),
);

describe('blocks of quantised GGUF tensors', () => {
  for (const [name, { bytes, values }] of Object.entries(cases)) {
    it(`${name} holds what the reference implementation reads`, () => {
      const type = name as GgmlType;
      const { group, bits, hasMinimum, unpack } = blockFormats[type]!;
      const layout = layoutOf(type);
      const raw = Buffer.from(bytes, 'base64');
      const wanted = new Float32Array(new Uint8Array(Buffer.from(values, 'base64')).buffer);
      const blocks = raw.length / layout.bytes;
      assert.equal(wanted.length, blocks * layout.values);
      const q = new Int8Array(wanted.length);
      const scale = new Float32Array(wanted.length / group);
      const minimum = new Float32Array(scale.length);
      for (let b = 0; b < blocks; b++) {
        unpack(raw, b * layout.bytes, { q, scale, minimum }, b * layout.values, (b * layout.values) / group);
      }
      const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      for (let i = 0; i < wanted.length; i++) {
        const g = Math.floor(i / group);
        const value = scale[g]! * q[i]! + minimum[g]!;
        assert.ok(Math.abs(value - wanted[i]!) <= 1e-6 * largest, `value ${i}: ${value}, not ${wanted[i]}`);
        assert.ok(bits === 8 || (q[i]! >= -8 && q[i]! <= 7), `${q[i]} does not fit into ${bits} bits`);
      }
      assert.equal(
        hasMinimum,
        minimum.some((m) => m !== 0),
      );
    });
  }
});
