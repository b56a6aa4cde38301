import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentHash } from '../../../../server/model/files/content-hash';
import { readHeader } from '../../../../server/model/files/safetensors';
import { openModel } from '../../../../server/model/open';
import { copyOf, removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

/** Changes one bit of one byte. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

describe('the hash of a file', () => {
  after(removeFolders);

  it('is SHA-256 of its bytes, small or large', async () => {
    const path = join(temporaryFolder(), 'weights');
    writeFileSync(path, Buffer.alloc(100_000, 7));
    const want = createHash('sha256').update(Buffer.alloc(100_000, 7)).digest('hex');
    assert.equal(await contentHash(path), want);
    assert.equal(await contentHash(path, { smallBelow: 1, folder: temporaryFolder() }), want);
  });

  it('is worked out once for a large file, and anew when a bit of it changes', async () => {
    const folder = temporaryFolder();
    const path = join(temporaryFolder(), 'weights');
    writeFileSync(path, Buffer.alloc(100_000, 7));
    const options = { smallBelow: 1, folder };
    const first = await contentHash(path, options);
    // What is kept is what is said: the file is not read again.
    const [name] = readdirSync(folder);
    const record = JSON.parse(readFileSync(join(folder, name!), 'utf8'));
    assert.deepEqual([record.path, record.hash], [path, first]);
    writeFileSync(join(folder, name!), JSON.stringify({ ...record, hash: '0'.repeat(64) }));
    assert.equal(await contentHash(path, options), '0'.repeat(64));
    flip(path, 50_000);
    // A clock that is set back hides nothing.
    utimesSync(path, new Date(0), new Date(0));
    const second = await contentHash(path, options);
    assert.ok(second !== first && second !== '0'.repeat(64));
    assert.equal(second, createHash('sha256').update(readFileSync(path)).digest('hex'));
  });

  it('needs no folder that can be written to, and takes what is damaged there for nothing', async () => {
    const path = join(temporaryFolder(), 'weights');
    writeFileSync(path, 'x'.repeat(1000));
    const want = createHash('sha256').update('x'.repeat(1000)).digest('hex');
    const occupied = join(temporaryFolder(), 'file');
    writeFileSync(occupied, '');
    assert.equal(await contentHash(path, { smallBelow: 1, folder: occupied }), want);
    const folder = temporaryFolder();
    await contentHash(path, { smallBelow: 1, folder });
    for (const damage of ['', '{', 'null', '{"state":1}']) {
      writeFileSync(join(folder, readdirSync(folder)[0]!), damage);
      assert.equal(await contentHash(path, { smallBelow: 1, folder }), want);
    }
    mkdirSync(join(folder, 'more'));
    await assert.rejects(contentHash(join(folder, 'none')), /ENOENT/);
  });
});

describe('the hash of a model', () => {
  after(removeFolders);

  it('changes with any byte of its weights, where sizes and headers stay', async () => {
    const hashes = { smallBelow: 1, folder: temporaryFolder() };
    const unchanged = await openModel(golden('qwen2'), { hashes });
    for (const options of [{}, { hashes }]) {
      const seen = new Set([unchanged.hash]);
      for (const tensor of [
        'model.layers.0.mlp.up_proj.weight',
        'model.norm.weight',
        'model.embed_tokens.weight',
      ]) {
        const folder = copyOf('qwen2');
        const path = join(folder, 'model.safetensors');
        const { offset, length } = readHeader(path).tensors.get(tensor)!;
        writeFileSync(join(folder, 'config.json'), readFileSync(join(golden('qwen2'), 'config.json')));
        flip(path, offset + length - 2);
        const { hash, former } = await openModel(folder, options);
        assert.ok(!seen.has(hash), tensor);
        seen.add(hash);
        assert.equal(former!.hash, unchanged.former!.hash, 'the former hash did not see it');
      }
    }
    assert.notEqual(unchanged.hash, unchanged.former!.hash);
  });
});
