import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { seededRandom } from '../../../../server/base/random';
import { adapterModules, freshAdapter, makeAdapter } from '../../../../server/model/adapter';
import { parseConfig } from '../../../../server/model/architectures/config';
import { linearModules } from '../../../../server/model/architectures/linear-modules';
import { loadAdapter, saveAdapter } from '../../../../server/model/files/peft';
import { writeSafetensors } from '../../../../server/model/files/safetensors';
import { copyOf, removeFolders, temporaryFolder } from '../folders';
import { golden } from '../golden';

const modulesOf = (name: string) => {
  const path = join(golden(name), 'config.json');
  return linearModules(parseConfig(JSON.parse(readFileSync(path, 'utf8')), path));
};

describe('adapters', () => {
  after(removeFolders);
  const modules = modulesOf('qwen2');
  const reference = () => loadAdapter(join(golden('qwen2'), 'adapter'));

  it('are saved in PEFT’s format and come back the same', async () => {
    const folder = join(temporaryFolder(), 'adapter');
    await saveAdapter(reference(), folder, 'some/model');
    assert.deepEqual(loadAdapter(folder), reference());
    assert.deepEqual(readdirSync(folder).sort(), ['adapter_config.json', 'adapter_model.safetensors']);
    const config = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
    assert.deepEqual([config.peft_type, config.r, config.lora_alpha], ['LORA', 4, 8]);
    assert.equal(config.target_modules.length, 21);
  });

  it('replace an older one whole', async () => {
    const folder = join(temporaryFolder(), 'adapter');
    await saveAdapter(reference(), folder);
    const other = freshAdapter(modules, { rank: 2, alpha: 4, random: seededRandom(5) });
    await saveAdapter(other, folder);
    assert.equal(loadAdapter(folder).hash, other.hash);
    assert.deepEqual(readdirSync(dirname(folder)), ['adapter']);
  });

  it('are never lost: where the new one cannot be put in place, or the process dies, the old one is there', async () => {
    const folder = join(temporaryFolder(), 'adapter');
    await saveAdapter(reference(), folder);
    const other = freshAdapter(modules, { rank: 2, alpha: 4, random: seededRandom(5) });
    const { rename } = fsPromises;
    for (const end of ['a full disk', 'death'] as const) {
      // Only the last step fails: the finished folder cannot be moved to where the old one stood.
      fsPromises.rename = async (from, to) => {
        if (to !== folder || !String(from).endsWith('.tmp')) {
          // Who is dead puts nothing back.
          if (end === 'death' && to === folder) throw new Error('the process is gone');
          return rename(from, to);
        }
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      };
      try {
        await assert.rejects(saveAdapter(other, folder));
      } finally {
        fsPromises.rename = rename;
      }
      assert.equal(loadAdapter(folder).hash, reference().hash, end);
    }
    await saveAdapter(other, folder);
    assert.equal(loadAdapter(folder).hash, other.hash);
    assert.deepEqual(readdirSync(dirname(folder)), ['adapter']);
  });

  it('keep ranks and factors that differ by layer', async () => {
    const adapter = reference();
    const scaled = makeAdapter({ ...adapter, scales: new Map([['model.layers.1.mlp.up_proj', 0.75]]) });
    const folder = join(temporaryFolder(), 'adapter');
    await saveAdapter(scaled, folder);
    const factors = adapterModules(loadAdapter(folder), modules);
    assert.equal(factors.get('model.layers.1.mlp.up_proj')!.scale, 0.75);
    assert.equal(factors.get('model.layers.0.mlp.up_proj')!.scale, 2);
  });

  it('begin with B zero and A within PEFT’s bounds, the same for a seed', () => {
    const make = (seed: number) => freshAdapter(modules, { rank: 3, alpha: 6, random: seededRandom(seed) });
    assert.equal(make(1).hash, make(1).hash);
    assert.notEqual(make(1).hash, make(2).hash);
    for (const m of adapterModules(make(1), modules).values()) {
      assert.ok(m.b.every((x) => x === 0));
      const bound = 1 / Math.sqrt(m.a.length / m.rank);
      assert.ok(m.a.every((x) => Math.abs(x) <= bound) && m.a.some((x) => Math.abs(x) > bound / 2));
    }
  });

  const damaged: Record<string, [Record<string, unknown>, RegExp]> = {
    'is another kind of adapter': [{ peft_type: 'IA3' }, /of the type "IA3"/],
    'uses DoRA': [{ use_dora: true }, /uses DoRA/],
    'trains biases': [{ bias: 'all' }, /trains biases/],
    'replaces modules': [{ modules_to_save: ['lm_head'] }, /replaces whole modules/],
    'is stored transposed': [{ fan_in_fan_out: true }, /transposed/],
    'has a pattern that is none': [{ alpha_pattern: { '(': 3 } }, /alpha_pattern holds "\("/],
    'repeats layers': [{ layer_replication: [[0, 2]] }, /repeats layers/],
    'has no rank': [{ r: 0 }, /r is 0/],
  };
  for (const [what, [change, message]] of Object.entries(damaged)) {
    it(`are refused in one sentence where one ${what}`, () => {
      const folder = join(copyOf('qwen2'), 'adapter');
      const path = join(folder, 'adapter_config.json');
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
      assert.throws(() => loadAdapter(folder), message);
    });
  }

  it('may bring along a copy of the output layer they belong to, of this model’s shape', async () => {
    const folder = join(copyOf('llama-linear-rope-untied'), 'adapter');
    const withCopy = async (shape: number[]) => {
      const { tensors } = loadAdapter(join(golden('llama-linear-rope-untied'), 'adapter'));
      const copy = { shape, data: new Float32Array(shape[0]! * shape[1]!) };
      const all = new Map<string, { shape: number[]; data: Float32Array }>(tensors);
      all.set('base_model.model.lm_head.base_layer.weight', copy);
      await writeSafetensors(join(folder, 'adapter_model.safetensors'), all);
      return loadAdapter(folder);
    };
    const modules = modulesOf('llama-linear-rope-untied');
    const { outputs, inputs } = modules.at(-1)!;
    assert.ok(adapterModules(await withCopy([outputs, inputs]), modules).size > 0);
    const other = await withCopy([outputs + 1, inputs]);
    assert.throws(() => adapterModules(other, modules), /made for another model: its lm_head is/);
  });

  it('of another model are refused', () => {
    assert.throws(() => adapterModules(reference(), modulesOf('llama-tied')), /made for another model/);
    assert.throws(() => adapterModules(reference(), modulesOf('starcoder2')), /made for another model/);
  });

  it('are missed with a sentence', () => {
    assert.throws(() => loadAdapter('/nowhere'), /holds no adapter_config\.json/);
  });
});
