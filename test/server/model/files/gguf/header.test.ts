import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { ModelError } from '../../../../../server/model/errors';
import { readGguf } from '../../../../../server/model/files/gguf/header';
import { removeFolders, temporaryFolder } from '../../folders';
import { ggufBytes } from './writer';

const settings = {
  'general.architecture': { text: 'llama' },
  'llama.block_count': { u32: 2 },
  'llama.rope.freq_base': { f32: 10000 },
  'tokenizer.ggml.tokens': { texts: ['a', 'b', 'ç'] },
  'tokenizer.ggml.token_type': { i32s: [1, 1, 3] },
  'tokenizer.ggml.add_bos_token': { bool: true },
} as const;
const tensors = {
  'token_embd.weight': { type: 'F32', shape: [3, 4], bytes: new Uint8Array(48) },
  'blk.0.attn_q.weight': { type: 'Q4_0', shape: [2, 32], bytes: new Uint8Array(36) },
} as const;
const good = () => ggufBytes(settings, tensors);

/** The bytes with a number written over those at the first place where `before` stands. */
function patched(before: string | Buffer, skip: number, write: (b: Buffer, at: number) => void): Buffer {
  const bytes = Buffer.from(good());
  const at = bytes.indexOf(before);
  assert.ok(at >= 0);
  write(bytes, at + Buffer.byteLength(before) + skip);
  return bytes;
}

describe('the header of a GGUF file', () => {
  let path: string;
  const write = (bytes: Uint8Array) => {
    writeFileSync(path, bytes);
    return path;
  };
  before(() => {
    path = join(temporaryFolder(), 'model.gguf');
  });
  after(removeFolders);

  it('gives settings and tensors with their places', () => {
    const file = readGguf(write(good()));
    assert.equal(file.metadata.get('llama.block_count'), 2);
    assert.equal(file.metadata.get('tokenizer.ggml.add_bos_token'), true);
    assert.deepEqual(file.metadata.get('tokenizer.ggml.tokens'), ['a', 'b', 'ç']);
    assert.deepEqual(file.metadata.get('tokenizer.ggml.token_type'), [1, 1, 3]);
    const q = file.tensors.get('blk.0.attn_q.weight')!;
    assert.deepEqual([q.type, q.shape, q.length], ['Q4_0', [2, 32], 36]);
    assert.equal(q.offset, file.tensors.get('token_embd.weight')!.offset + 64);
    assert.match(file.headerHash, /^[0-9a-f]{64}$/);
  });

  const refused: Record<string, [() => Buffer, RegExp]> = {
    'another format': [() => Buffer.from('PK\u0003\u0004 something'), /does not begin with GGUF/],
    'an empty file': [() => Buffer.alloc(0), /does not begin with GGUF/],
    'version 1': [() => patched('GGUF', 0, (b, at) => b.writeUInt32LE(1, at)), /its version is 1/],
    'big-endian': [() => patched('GGUF', 0, (b, at) => b.writeUInt32BE(3, at)), /big-endian/],
    'billions of tensors': [
      () => patched('GGUF', 4, (b, at) => b.writeBigUInt64LE(2n ** 40n, at)),
      /its table of 1099511627776 tensors claims/,
    ],
    'more tensors than can be counted': [
      () => patched('GGUF', 4, (b, at) => b.writeBigUInt64LE(2n ** 63n, at)),
      /the number of its tensors is 9223372036854775808/,
    ],
    'billions of settings': [
      () => patched('GGUF', 12, (b, at) => b.writeBigUInt64LE(2n ** 33n, at)),
      /its table of 8589934592 settings claims/,
    ],
    'a text of gigabytes': [
      () => patched('general.architecture', 4, (b, at) => b.writeBigUInt64LE(2n ** 34n, at)),
      /"general.architecture" claims 17179869184 bytes/,
    ],
    'a list of gigabytes': [
      () => patched('tokenizer.ggml.tokens', 8, (b, at) => b.writeBigUInt64LE(2n ** 34n, at)),
      /the list "tokenizer.ggml.tokens" of 17179869184 entries/,
    ],
    'an unknown type of setting': [
      () => patched('llama.block_count', 0, (b, at) => b.writeUInt32LE(77, at)),
      /the setting "llama.block_count" has the unknown type 77/,
    ],
    'an unknown type of list': [
      () => patched('tokenizer.ggml.tokens', 4, (b, at) => b.writeUInt32LE(77, at)),
      /the setting "tokenizer.ggml.tokens" has the unknown type 77/,
    ],
    'an unknown type of tensor': [
      () => patched('blk.0.attn_q.weight', 20, (b, at) => b.writeUInt32LE(99, at)),
      /tensor "blk.0.attn_q.weight" has the unknown type 99/,
    ],
    'a thousand dimensions': [
      () => patched('blk.0.attn_q.weight', 0, (b, at) => b.writeUInt32LE(1000, at)),
      /tensor "blk.0.attn_q.weight" has 1000 dimensions/,
    ],
    'a huge dimension': [
      () => patched('blk.0.attn_q.weight', 12, (b, at) => b.writeBigUInt64LE(2n ** 50n, at)),
      /tensor "blk.0.attn_q.weight" has the shape|ends past the end/,
    ],
    'rows that no block fits': [
      () => patched('blk.0.attn_q.weight', 4, (b, at) => b.writeBigUInt64LE(33n, at)),
      /rows of 33 values, no multiple of 32/,
    ],
    'a tensor past the end': [
      () => patched('blk.0.attn_q.weight', 24, (b, at) => b.writeBigUInt64LE(2n ** 20n, at)),
      /tensor "blk.0.attn_q.weight" ends past the end of the file/,
    ],
    'a tensor that overlaps': [
      () => patched('blk.0.attn_q.weight', 24, (b, at) => b.writeBigUInt64LE(32n, at)),
      /overlaps another/,
    ],
    'a tensor that is not aligned': [
      () => patched('blk.0.attn_q.weight', 24, (b, at) => b.writeBigUInt64LE(65n, at)),
      /lies at 65, not aligned/,
    ],
    'the same tensor twice': [
      () => {
        const bytes = ggufBytes(settings, {
          'a.weight': tensors['token_embd.weight'],
          'b.weight': tensors['token_embd.weight'],
        });
        bytes.write('a', bytes.indexOf('b.weight'));
        return bytes;
      },
      /it has the tensor "a.weight" twice/,
    ],
    'the same setting twice': [
      () => {
        const bytes = ggufBytes({ 'x.a': { u32: 1 }, 'x.b': { u32: 2 } }, tensors);
        bytes.write('x.a', bytes.indexOf('x.b'));
        return bytes;
      },
      /it has the setting "x.a" twice/,
    ],
    'an impossible alignment': [
      () => ggufBytes({ ...settings, 'general.alignment': { u32: 0 } }, tensors),
      /its alignment is 0/,
    ],
  };
  for (const [what, [bytes, message]] of Object.entries(refused)) {
    it(`refuses ${what} in one sentence`, () => {
      assert.throws(
        () => readGguf(write(bytes())),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.ok(error.message.startsWith(path), error.message);
          assert.match(error.message, message);
          assert.ok(error.message.length < 400);
          return true;
        },
      );
    });
  }

  it('names a file that is not there', () => {
    assert.throws(() => readGguf(join(path, '..', 'none.gguf')), /none\.gguf cannot be read \(ENOENT\)/);
    assert.throws(() => readGguf(join(path, '..')), /is not a file/);
  });

  it('refuses a file that ends anywhere in its header or its tensors', () => {
    const bytes = good();
    for (let length = 0; length < bytes.length - 28; length++) {
      assert.throws(() => readGguf(write(bytes.subarray(0, length))), ModelError, `of ${length} bytes`);
    }
  });

  it('uses or refuses a damaged file, and nothing else', () => {
    const bytes = good();
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 9),
        fc.constantFrom(1, 2, 4, 8),
        fc.oneof(
          fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
          fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n),
        ),
        (at, width, value) => {
          const damaged = Buffer.from(bytes);
          const number = Buffer.alloc(8);
          number.writeBigUInt64LE(value);
          number.copy(damaged, at, 0, width);
          try {
            const { tensors: found, size } = readGguf(write(damaged));
            for (const t of found.values()) assert.ok(t.offset >= 0 && t.offset + t.length <= size);
          } catch (error) {
            assert.ok(error instanceof ModelError, String(error));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
