import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseConfig } from '../../../server/model/architectures/config';
import { ModelError } from '../../../server/model/errors';
import { loadAdapter } from '../../../server/model/files/peft';
import { Weights } from '../../../server/model/files/weights';
import { promptFormat } from '../../../server/model/tokenizer/fim-format';
import { loadTokenizer } from '../../../server/model/tokenizer/tokenizer';
import { copyOf, removeFolders, temporaryFolder } from './folders';
import { golden, goldenNames } from './golden';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A copy with the value at one place, counted through the whole tree, replaced. */
function replaced(json: Json, place: number, value: Json): Json {
  let left = place;
  const walk = (node: Json): Json => {
    if (left-- === 0) return value;
    if (Array.isArray(node)) return node.map(walk);
    if (node && typeof node === 'object') {
      return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, walk(v)]));
    }
    return node;
  };
  return walk(json);
}

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, -1, 0, 1.5, 2 ** 53, 'x', '', [], {}, [null], { a: 1 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

const read = (...path: string[]): Json => JSON.parse(readFileSync(join(...path), 'utf8'));

describe('a damaged model folder is used or refused, and nothing else', () => {
  after(removeFolders);

  it('config.json', () => {
    const configs = goldenNames.map((name) => read(golden(name), 'config.json'));
    const more: Json = {
      rope_scaling: { rope_type: 'yarn', factor: 2, beta_fast: 32 },
      layer_types: ['full_attention', 'sliding_attention'],
      use_sliding_window: true,
      head_dim: 16,
    };
    fc.assert(
      fc.property(fc.constantFrom(...configs), fc.nat(40), odd, (config, place, value) => {
        const json = replaced({ ...(config as object), ...more } as Json, place, value);
        try {
          const c = parseConfig(json, 'config.json');
          assert.ok(Number.isFinite(c.rope.theta) && c.windows.length === c.layers);
        } catch (error) {
          assert.ok(error instanceof ModelError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('tokenizer.json', () => {
    const folder = temporaryFolder();
    const tokenizer = read(golden('qwen2'), 'tokenizer.json') as { model: { vocab: Json; merges: Json[] } };
    // Few merges leave few places, so that most replacements hit the structure.
    tokenizer.model.merges = tokenizer.model.merges.slice(0, 3);
    fc.assert(
      fc.property(fc.nat(90), odd, (place, value) => {
        writeFileSync(
          join(folder, 'tokenizer.json'),
          JSON.stringify(replaced(tokenizer as unknown as Json, place, value)),
        );
        try {
          const made = loadTokenizer(folder, 413);
          for (const id of made.encode('def f(x):\n    return x'))
            assert.ok(Number.isInteger(id) && id >= 0 && id < 413);
        } catch (error) {
          assert.ok(error instanceof ModelError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('adapter_config.json', () => {
    const folder = join(copyOf('qwen2'), 'adapter');
    const path = join(folder, 'adapter_config.json');
    const more = { alpha_pattern: { q_proj: 4, 'layers.0.mlp.up_proj': 2 }, rank_pattern: { k_proj: 4 } };
    const config = { ...(read(path) as object), ...more } as unknown as Json;
    fc.assert(
      fc.property(fc.nat(70), odd, (place, value) => {
        writeFileSync(path, JSON.stringify(replaced(config, place, value)));
        try {
          const { rank, alpha, scales } = loadAdapter(folder);
          assert.ok([rank, alpha, ...(scales?.values() ?? [])].every((x) => Number.isFinite(x)));
        } catch (error) {
          assert.ok(error instanceof ModelError, String(error));
        }
      }),
      { numRuns: 600 },
    );
  });

  it('model.safetensors.index.json', () => {
    const folder = temporaryFolder();
    const index: Json = {
      metadata: { total_size: 3 },
      weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' },
    };
    fc.assert(
      fc.property(fc.nat(8), odd, (place, value) => {
        writeFileSync(
          join(folder, 'model.safetensors.index.json'),
          JSON.stringify(replaced(index, place, value)),
        );
        assert.throws(() => Weights.open(folder), ModelError);
      }),
      { numRuns: 300 },
    );
  });

  it('generation_config.json and hindsight.json', () => {
    const folder = copyOf('qwen2');
    const tokenizer = loadTokenizer(folder, 413);
    const files: Record<string, Json> = {
      'generation_config.json': { eos_token_id: [406, 410], temperature: 0.7 },
      'hindsight.json': { format: 1, fim: { order: 'spm' }, feedbackSlot: { open: '<|repo_name|>' } },
    };
    for (const [name, json] of Object.entries(files)) {
      fc.assert(
        fc.property(fc.nat(8), odd, (place, value) => {
          writeFileSync(join(folder, name), JSON.stringify(replaced(json, place, value)));
          try {
            const format = promptFormat(folder, tokenizer, [406]);
            assert.ok(format.stopIds.every((id) => Number.isInteger(id) && id >= 0 && id < 413));
          } catch (error) {
            assert.ok(error instanceof ModelError, String(error));
          }
        }),
        { numRuns: 300 },
      );
      rmSync(join(folder, name));
    }
  });
});
