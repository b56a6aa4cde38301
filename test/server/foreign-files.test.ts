/** Files that another program or another version may have written: bent at any place, they are used or refused in a sentence. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { guessTestCommand } from '../../extension/commands/test-command';
import { knownSpeed } from '../../server/catalogue/cost/probe';
import { listModels } from '../../server/catalogue/list';
import { readForeignAdapter } from '../../server/exchange/read-adapter';
import { contentHash } from '../../server/model/files/content-hash';
import { type FolderModel, openModel } from '../../server/model/open';
import { readReplayPool } from '../../server/training/round/replay-pool';
import { removeFolders, temporaryFolder } from './model/folders';
import { golden } from './model/golden';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const RUNS = Number(process.env.FUZZ_TRIES ?? 300);

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, -1, 0, 2 ** 53, 'x', '', '../../etc/passwd', [], {}, [null], { a: 1 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

/** A copy with the value at one place, counted through the whole tree, replaced. */
function replaced(json: Json, place: number, value: Json): Json {
  let left = place;
  const walk = (node: Json): Json => {
    if (left-- === 0) return value;
    if (Array.isArray(node)) return node.map(walk);
    if (node && typeof node === 'object')
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, walk(inner)]));
    return node;
  };
  return walk(json);
}

/** The file's bytes: with one value replaced, cut off, or any bytes at all. */
const bent = (json: Json, places: number) =>
  fc.oneof(
    fc.tuple(fc.nat(places), odd).map(([place, value]) => JSON.stringify(replaced(json, place, value))),
    fc.double({ min: 0, max: 1, noNaN: true }).map((share) => {
      const text = JSON.stringify(json);
      return text.slice(0, Math.floor(share * text.length));
    }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );

/** One sentence for a person: no stack, no message of the language itself. */
function isSentence(error: unknown): void {
  const { message } = error as Error;
  assert.doesNotMatch(message, /\n|undefined|is not a function|Cannot read|not iterable|\[object/, message);
}

describe('files of others', function () {
  this.timeout(120_000);
  after(removeFolders);

  it('machine.json: whole speeds, or none', () => {
    const file = join(temporaryFolder(), 'machine.json');
    const own = cpus();
    const machine = [1, process.arch, own[0]?.model.trim() ?? '', own.length].join(' ');
    const speeds = { '4': 1e9, '8': 1e9, '32': 1e9 };
    const kept: Json = { prompt: speeds, token: speeds, machine, measuredAt: Date.now() };

    writeFileSync(file, JSON.stringify(kept));
    assert.ok(knownSpeed(file), 'it is used as it was written');
    fc.assert(
      fc.property(bent(kept, 11), (text) => {
        writeFileSync(file, text);
        const found = knownSpeed(file);
        if (found)
          for (const bits of [4, 8, 32] as const)
            for (const speed of [found.prompt[bits], found.token[bits]])
              assert.ok(Number.isFinite(speed) && speed > 0, text);
      }),
      { numRuns: RUNS, examples: [[JSON.stringify({ ...(kept as object), token: { a: 1, b: 1, c: 1 } })]] },
    );
  });

  it('what was found out about a large file: its hash, or it is read again', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'weights');
    writeFileSync(path, 'x'.repeat(1_000));
    const kept = join(folder, 'kept');
    const right = await contentHash(path, { folder: kept, smallBelow: 10 });
    const [name] = readdirSync(kept);
    const json: Json = JSON.parse(readFileSync(join(kept, name!), 'utf8'));
    await fc.assert(
      fc.asyncProperty(bent(json, 3), async (text) => {
        writeFileSync(join(kept, name!), text);
        const hash = await contentHash(path, { folder: kept, smallBelow: 10 });
        assert.equal(hash, right, text);
      }),
      { numRuns: Math.min(RUNS, 60) },
    );
  });

  it('rows against forgetting: texts with paths, or none', async () => {
    const file = join(temporaryFolder(), 'replay.json');
    const rows: Json = { rows: [0, 1].map((n) => ({ text: `${n} `.repeat(30), path: 'a.ts' })) };
    await fc.assert(
      fc.asyncProperty(bent(rows, 8), async (text) => {
        writeFileSync(file, text);
        const pool = await readReplayPool(file, [], 1);
        for (const row of [...pool.train, ...pool.held]) {
          assert.equal(typeof row.text, 'string');
          assert.ok(row.path === undefined || typeof row.path === 'string', text);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it('package.json: a command, or none', () => {
    const manifest: Json = { name: 'x', scripts: { test: 'mocha', build: 'tsc' } };
    fc.assert(
      fc.property(bent(manifest, 6), (text) => {
        const command = guessTestCommand({
          has: (name) => name === 'package.json',
          read: (name) => (name === 'package.json' ? text : undefined),
          names: () => ['package.json'],
          windows: false,
          python: { command: 'python', pytest: true },
        });
        assert.ok(command === undefined || command === 'npm test', String(command));
      }),
      { numRuns: RUNS },
    );
  });

  it('manifests of Ollama and indexes of Hugging Face: models of these folders, or reasons', () => {
    const home = temporaryFolder();
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifest: Json = {
      layers: [
        { mediaType: 'application/vnd.ollama.image.model', digest, size: 3 },
        { mediaType: 'application/vnd.ollama.image.template', digest, size: 3 },
      ],
    };
    const tags = join(home, '.ollama/models/manifests/registry.ollama.ai/library/m');
    const snapshot = join(home, '.cache/huggingface/hub/models--a--b/snapshots/c');
    const refs = join(home, '.cache/huggingface/hub/models--a--b/refs');
    for (const folder of [tags, snapshot, refs]) mkdirSync(folder, { recursive: true });
    for (const name of ['config.json', 'tokenizer.json']) writeFileSync(join(snapshot, name), '{}');
    const index: Json = { weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } };
    const machine = { platform: 'linux', home, env: {} } as const;
    fc.assert(
      fc.property(bent(manifest, 9), bent(index, 4), bent('c', 0), (one, other, ref) => {
        writeFileSync(join(tags, 'latest'), one);
        writeFileSync(join(snapshot, 'model.safetensors.index.json'), other);
        writeFileSync(join(refs, 'main'), ref);
        const { models, unreadable } = listModels([], machine);
        for (const { path } of models) assert.ok(path.startsWith(home), `${path} for ${one} ${other}`);
        for (const { runs } of models) if (typeof runs === 'string') isSentence(new Error(runs));
        for (const { reason } of unreadable) isSentence(new Error(reason));
      }),
      { numRuns: RUNS },
    );
  });

  describe('adapters', () => {
    let model: FolderModel;
    before(async () => {
      model = await openModel(golden('qwen2'));
    });

    it('their cards, configurations and weights: an adapter that fits, or a sentence', () => {
      const whole = join(golden('qwen2'), 'adapter');
      const folder = temporaryFolder();
      cpSync(whole, folder, { recursive: true });
      const config: Json = JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
      const card: Json = { base: { hash: model.hash, name: 'm' }, rounds: 3 };
      const weights = readFileSync(join(whole, 'adapter_model.safetensors'));
      assert.ok(readForeignAdapter(folder, model), 'it is used as it was written');
      const bytes = fc.oneof(
        fc.constant(null),
        fc.nat(weights.length).map((length) => ({ length })),
        fc
          .tuple(fc.nat(Math.min(4_000, weights.length - 1)), fc.nat(255))
          .map(([at, byte]) => ({ at, byte })),
      );
      fc.assert(
        fc.property(
          fc.option(bent(config, 60), { nil: JSON.stringify(config) }),
          fc.option(bent(card, 5), { nil: JSON.stringify(card) }),
          bytes,
          (one, other, change) => {
            writeFileSync(join(folder, 'adapter_config.json'), one);
            writeFileSync(join(folder, 'hindsight.json'), other);
            const made = Buffer.from(weights);
            if (change && 'at' in change) made[change.at] = change.byte;
            writeFileSync(join(folder, 'adapter_model.safetensors'), made);
            if (change && 'length' in change)
              truncateSync(join(folder, 'adapter_model.safetensors'), change.length);
            try {
              const { adapter } = readForeignAdapter(folder, model);
              for (const { data } of adapter.tensors.values()) assert.ok(data.every(Number.isFinite));
              assert.ok(Number.isFinite(adapter.alpha) && adapter.alpha > 0, one);
            } catch (error) {
              if ((error as Error).name === 'AssertionError') throw error;
              isSentence(error);
            }
          },
        ),
        { numRuns: RUNS },
      );
    });
  });
});
