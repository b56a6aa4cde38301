import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ModelError } from '../../../../server/model/errors';
import {
  readFloats,
  readHeader,
  readIntegers,
  writeSafetensors,
} from '../../../../server/model/files/safetensors';
import { removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

function file(header: unknown, data = Buffer.alloc(64), headerLength?: number): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(headerLength ?? text.length));
  const path = join(temporaryFolder(), 'model.safetensors');
  writeFileSync(path, Buffer.concat([length, text, data]));
  return path;
}

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('safetensors', () => {
  after(removeFolders);

  it('gives back what was written', async () => {
    const path = join(temporaryFolder(), 'out.safetensors');
    const floats = Float32Array.of(1.5, -2, 0.25, 1e-30, 7, 8);
    await writeSafetensors(
      path,
      new Map([
        ['a.weight', { shape: [2, 3], data: floats }],
        ['ids', { shape: [2], data: BigInt64Array.of(3n, 9_000_000_000n) }],
        ['empty', { shape: [0, 4], data: new Float32Array() }],
      ]),
    );
    const { tensors, metadata } = readHeader(path);
    assert.deepEqual(tensors.get('a.weight')!.shape, [2, 3]);
    assert.deepEqual(readFloats(tensors.get('a.weight')!), floats);
    assert.deepEqual(readIntegers(tensors.get('ids')!), [3, 9_000_000_000]);
    assert.equal(readFloats(tensors.get('empty')!).length, 0);
    assert.deepEqual(metadata, { format: 'pt' });
  });

  it('reads half and bfloat numbers', () => {
    const data = Buffer.alloc(16);
    [0x3c00, 0xc000, 0x0001, 0x7c00].forEach((bits, i) => {
      data.writeUInt16LE(bits, 2 * i);
    });
    [0x3f80, 0xc000, 0x4049, 0xff80].forEach((bits, i) => {
      data.writeUInt16LE(bits, 8 + 2 * i);
    });
    const { tensors } = readHeader(
      file({ h: tensor(0, 8, [4], 'F16'), b: tensor(8, 16, [4], 'BF16') }, data),
    );
    assert.deepEqual([...readFloats(tensors.get('h')!)], [1, -2, 2 ** -24, Number.POSITIVE_INFINITY]);
    assert.deepEqual([...readFloats(tensors.get('b')!)], [1, -2, 3.140625, Number.NEGATIVE_INFINITY]);
  });

  const damaged: Record<string, [() => string, RegExp]> = {
    'is missing': [() => '/nowhere/model.safetensors', /cannot be read/],
    'is a folder': [() => temporaryFolder(), /not a usable/],
    'is empty': [() => file('', Buffer.alloc(0)), /not JSON/],
    'has a header of gigabytes': [() => file({}, Buffer.alloc(0), 2 ** 40), /header claims/],
    'ends inside its header': [() => file({}, Buffer.alloc(0), 5000), /ends inside its header/],
    'has a header that is not JSON': [() => file('{"a":'), /not JSON/],
    'has a header that is a list': [() => file([]), /not an object/],
    'names an unknown type': [() => file({ a: tensor(0, 8, [2], 'F31') }), /unknown type "F31"/],
    'names a type of every object': [() => file({ a: tensor(0, 8, [2], 'constructor') }), /unknown type/],
    'has a negative dimension': [() => file({ a: tensor(0, 8, [-2]) }), /no valid shape/],
    'has a huge dimension': [() => file({ a: tensor(0, 8, [2 ** 52, 2 ** 52]) }), /its shape needs/],
    'has offsets in the wrong order': [() => file({ a: tensor(8, 0, [2]) }), /no valid offsets/],
    'has offsets that are no numbers': [
      () => file({ a: { dtype: 'F32', shape: [1], data_offsets: ['0', '4'] } }),
      /no valid offsets/,
    ],
    'has a tensor that is null': [() => file({ a: null }), /has no type/],
    'has fewer bytes than the shape': [
      () => file({ a: tensor(0, 8, [3]) }),
      /8 bytes where its shape needs 12/,
    ],
    'ends before its tensors do': [() => file({ a: tensor(0, 128) }), /past the end of the file/],
    'has overlapping tensors': [() => file({ a: tensor(0, 16), b: tensor(12, 24) }), /tensor b overlaps/],
  };
  for (const [what, [make, message]] of Object.entries(damaged)) {
    it(`says so where the file ${what}`, () => {
      assert.throws(
        () => readHeader(make()),
        (e) => e instanceof ModelError && message.test(e.message),
      );
    });
  }

  it('answers any damaged byte of a header with the file or a ModelError', () => {
    const original = readFileSync(join(golden('qwen2'), 'adapter/adapter_model.safetensors'));
    const path = join(temporaryFolder(), 'fuzzed.safetensors');
    const headerEnd = 8 + Number(original.readBigUInt64LE());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(headerEnd - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(original.length),
        fc.boolean(),
        (changes, length, cut) => {
          const bytes = Buffer.from(original);
          for (const [at, value] of changes) bytes[at] = value;
          writeFileSync(path, cut ? bytes.subarray(0, length) : bytes);
          try {
            for (const t of readHeader(path).tensors.values())
              assert.ok(t.offset + t.length <= original.length);
          } catch (error) {
            assert.ok(error instanceof ModelError, String(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves nothing behind when it cannot write', async () => {
    const folder = temporaryFolder();
    await assert.rejects(writeSafetensors(join(folder, 'no/such/place.safetensors'), new Map()));
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(existsSync(join(folder, 'no')), false);
  });
});
