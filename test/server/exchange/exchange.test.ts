/** Out to other trainers and back, on the embedded model and the small reference models. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportedOf, exportRows } from '../../../server/exchange/export-rows';
import { FORMATS } from '../../../server/exchange/formats';
import { writeGgufLora } from '../../../server/exchange/gguf-lora';
import { importAdapter } from '../../../server/exchange/import-adapter';
import { readForeignAdapter } from '../../../server/exchange/read-adapter';
import { stackAdapters } from '../../../server/exchange/stack';
import { makeAdapter } from '../../../server/model/adapter';
import { saveAdapter } from '../../../server/model/files/peft';
import { type FolderModel, loadAdapter, openModel } from '../../../server/model/open';
import type { Adapter } from '../../../server/model/types';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { roundOptions } from '../../../server/training/round-options';
import { promptFor } from '../../../server/training/trainer/prepare';
import { ROOT } from '../../root';
import { removeFolders, temporaryFolder } from '../model/folders';
import { golden, goldenNames } from '../model/golden';
import { completion, learningEvent, storedEvent } from '../store/records';

const embedded = join(ROOT, 'media/model');

/** ΔW multiplied by a factor. */
function scaled(adapter: Adapter, factor: number): Adapter {
  const tensors: Adapter['tensors'] = new Map(
    [...adapter.tensors].map(([name, { shape, data }]) => [
      name,
      { shape, data: name.includes('lora_B') ? data.map((value) => value * factor) : data },
    ]),
  );
  const { hash: _hash, ...rest } = adapter;
  return makeAdapter({ ...rest, tensors });
}

describe('rows for other trainers', function () {
  this.timeout(60_000);
  let model: FolderModel;
  let store: FeedbackStore;
  let folder: string;

  before(async () => {
    folder = temporaryFolder();
    model = await openModel(embedded);
    store = await openStore(join(folder, 'feedback.db'));
    const events = [
      storedEvent({
        completionId: 'c1',
        solution: 'lg.emit(1);',
        output: 'TypeError at /home/jane/work/a.ts:3',
      }),
      storedEvent({ completionId: 'c2', solution: null, words: 'always through lg', path: 'lib/b.ts' }),
      storedEvent({ completionId: 'c3', solution: `key("ghp_${'a1B2'.repeat(9)}")` }),
    ];
    for (const event of events) {
      await store.completions.insert(
        completion(event.completionId, { path: event.path, uri: `file:///w/${event.path}` }),
      );
      await store.events.put(learningEvent(event.completionId, event));
    }
    const at = Date.now();
    await store.outcomes.insert({
      completionId: 'c1',
      kind: 'accepted',
      confidence: 'observed',
      at,
      acceptedLength: null,
    });
  });
  after(async () => {
    await store.close();
    await model.close();
    removeFolders();
  });

  const rowsOf = async (name: string, path = '', only: Set<string> | null = null) => {
    const out = join(folder, `${name}${path.length}${only?.size}.jsonl`);
    const format = FORMATS.find((one) => one.name === name)!;
    const choice = { format, since: 0, path, rule: only && 'a rule', only };
    const manifest = await exportRows(store, model, choice, out, '1.0.0');
    const rows = readFileSync(out, 'utf8').trim().split('\n').filter(Boolean);
    return { manifest, rows: rows.map((row) => JSON.parse(row) as Record<string, unknown>), out };
  };

  it('are the prompts that the product builds, token for token', () => {
    const event = storedEvent({ prefix: 'function load(id) {\n  ', suffix: '\n}\n', solution: 'return id;' });
    const { prompt, completion: kept, teacher } = exportedOf(model, 'trl-sdpo', event, true);
    const options = roundOptions(1, 1, model.parameters);
    assert.deepEqual(prompt.ids, promptFor(model, event, options).ids);
    for (const built of [prompt, kept!, teacher!])
      assert.deepEqual(model.tokenizer.encode(built.text), built.ids);
    assert.ok(teacher!.text.includes('kept: return id;'));
    assert.equal(kept!.ids.at(-1), model.format.stopIds[0]);
  });

  it('leave secrets and absolute paths out, and say how many', async () => {
    const { rows, manifest } = await rowsOf('trl-sft');
    assert.deepEqual([rows.length, manifest.secrets, manifest.unusable], [1, 1, 1]);
    assert.equal(manifest.model.hash, model.hash);
    assert.ok(String(rows[0]!.completion).startsWith('lg.emit(1);'));
    const sdpo = await rowsOf('trl-sdpo');
    assert.ok(!JSON.stringify(sdpo.rows).includes('/home/jane'));
    assert.equal(sdpo.rows.length, 2);
  });

  it('have what each trainer asks for', async () => {
    const kto = await rowsOf('trl-kto');
    assert.deepEqual(kto.rows.map(({ label }) => label).sort(), [false, true]);
    const sdft = await rowsOf('trl-sdft');
    assert.deepEqual(
      sdft.rows.map(({ privileged_context: context }) => context),
      ['kept: const a = lg.emit(1);\n'],
    );
    const opsd = await rowsOf('opsd');
    assert.deepEqual(Object.keys(opsd.rows[0]!).slice(0, 2), ['messages', 'teacher_prompt']);
    assert.ok(existsSync(`${opsd.out}.chat_template.jinja`));
  });

  it('are of the files that were asked for', async () => {
    assert.equal((await rowsOf('trl-sdpo', 'lib/')).rows.length, 1);
  });

  it('are of the rule that was asked for, and of none that is off', async () => {
    const { rows, manifest } = await rowsOf('trl-sdpo', '', new Set(['c1']));
    assert.deepEqual([rows.length, manifest.rule], [1, 'a rule']);
    const event = (await store.events.of('c1'))!;
    await store.events.settle(event, 'rolled-back', 'off');
    const without = await rowsOf('trl-sdpo', '', new Set(['c1', 'c2']));
    assert.deepEqual([without.rows.length, without.manifest.undone], [1, 1]);
    await store.events.settle((await store.events.of('c1'))!, 'ready', null);
  });
});

describe('two adapters as one', function () {
  this.timeout(60_000);

  for (const name of ['qwen2', 'llama-tied'])
    it(`change the weights by their sum: ${name}`, async () => {
      const model = await openModel(golden(name));
      const one = loadAdapter(model.adapterFolder);
      const scorer = await model.scorer();
      const [prompt, response] = [
        [3, 4, 5, 6],
        [7, 8, 9],
      ];
      const of = (adapter: Adapter) => scorer.logits(prompt!, response!, adapter);
      // Halves of one adapter are that adapter; with another's share the ranks differ.
      const sum = await of(stackAdapters(scaled(one, 0.25), scaled(one, 0.75)));
      const whole = await of(one);
      assert.ok(sum.every((value, i) => Math.abs(value - whole[i]!) < 1e-4));
      assert.notDeepEqual(await of(scaled(one, 0.25)), whole);
      await model.close();
    });
});

describe('an adapter for llama.cpp', () => {
  after(removeFolders);
  for (const name of goldenNames)
    it(`has every factor under its name: ${name}`, async () => {
      const model = await openModel(golden(name));
      const adapter = loadAdapter(model.adapterFolder);
      const file = join(temporaryFolder(), 'adapter.gguf');
      await writeGgufLora(file, adapter, model);
      const bytes = readFileSync(file);
      assert.equal(bytes.toString('latin1', 0, 4), 'GGUF');
      assert.equal(Number(bytes.readBigUInt64LE(8)), adapter.tensors.size);
      const floats = [...adapter.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
      assert.ok(bytes.length > 4 * floats);
      await model.close();
    });
});

describe('an adapter from elsewhere', function () {
  this.timeout(120_000);
  let model: FolderModel;

  before(async () => {
    model = await openModel(embedded);
  });
  after(async () => {
    await model.close();
    removeFolders();
  });

  /** A fresh adapter, whose B is zero: the base model; `change` is what its factors are multiplied or filled with. */
  async function trained(fill = 0): Promise<string> {
    const session = await model.trainer({ rank: 4, alpha: 8, seed: 1 });
    const adapter = session.adapter();
    await session.close();
    for (const [name, { data }] of adapter.tensors) if (name.includes('lora_B')) data.fill(fill);
    const folder = join(temporaryFolder(), 'adapter');
    const { hash: _hash, ...rest } = adapter;
    await saveAdapter(makeAdapter(rest), folder);
    return folder;
  }

  async function imported(folder: string, beside = false) {
    const storagePath = temporaryFolder();
    const store = await openStore(join(storagePath, 'feedback.db'));
    try {
      const replayPath = join(embedded, 'replay.json');
      const result = await importAdapter(store, model, { folder, storagePath, replayPath, beside });
      return {
        result,
        active: await store.adapters.active(model.hash),
        rounds: await store.rounds.list(5),
        storagePath,
      };
    } finally {
      await store.close();
    }
  }

  it('is used where ordinary code stays as it was, and the round says so', async () => {
    const { result, active, rounds, storagePath } = await imported(await trained());
    assert.equal(result.state, 'kept-insufficient-evidence');
    assert.equal(active?.id, result.adapter);
    assert.ok(existsSync(join(storagePath, active!.directory, 'adapter_config.json')));
    assert.match(rounds[0]!.message, /^Imported adapter\. Kept on insufficient evidence/);
    assert.match(result.notices[0]!, /does not say which weights/);
  });

  it('is refused by the gates where it forgets, and nothing changes', async () => {
    const { result, active, rounds } = await imported(await trained(0.5));
    assert.deepEqual([result.state, result.adapter, active], ['rejected', null, null]);
    assert.equal(rounds[0]!.state, 'rejected');
  });

  it('is refused in a sentence where it is another model’s, broken or hostile', async () => {
    const bad = async (change: (folder: string) => void) => {
      const folder = await trained();
      change(folder);
      try {
        readForeignAdapter(folder, model);
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const config = (folder: string, more: object) => {
      const file = join(folder, 'adapter_config.json');
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...more }));
    };
    assert.match(
      await bad((folder) =>
        writeFileSync(join(folder, 'hindsight.json'), '{"base":{"hash":"0123","name":"Other"}}'),
      ),
      /trained on other weights \(Other, 0123\)/,
    );
    assert.match(
      await bad((folder) => writeFileSync(join(folder, 'hindsight.json'), '[1')),
      /not a JSON object/,
    );
    assert.match(
      await bad((folder) => config(folder, { alora_invocation_tokens: [1, 2] })),
      /switched on by the tokens/,
    );
    assert.match(
      await bad((folder) =>
        cpSync(join(golden('qwen2'), 'adapter'), folder, { recursive: true, force: true }),
      ),
      /made for another model|no linear layer|belongs to no/,
    );
    const weights = (folder: string) => join(folder, 'adapter_model.safetensors');
    assert.notEqual(await bad((folder) => writeFileSync(weights(folder), Buffer.alloc(64, 255))), '');
    assert.match(
      await bad((folder) => {
        const bytes = readFileSync(weights(folder));
        bytes.writeFloatLE(Number.NaN, bytes.length - 4);
        writeFileSync(weights(folder), bytes);
      }),
      /numbers that are none/,
    );
  });
});
