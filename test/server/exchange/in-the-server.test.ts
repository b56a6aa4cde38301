/** Import Adapter as an editor sees it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeAdapter } from '../../../server/model/adapter';
import { saveAdapter } from '../../../server/model/files/peft';
import { openModel } from '../../../server/model/open';
import { ROOT } from '../../root';
import { bundleServer } from '../bundle';
import { LanguageClient } from '../language-client';

const embedded = join(ROOT, 'media/model');

describe('an adapter from elsewhere, in the language server', function () {
  this.timeout(120_000);
  let folder: string;
  let client: LanguageClient;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hindsight-import-'));
    client = new LanguageClient(await bundleServer(), {
      storagePath: join(folder, 'storage'),
      embeddedModelPath: embedded,
      trusted: true,
    });
    await client.initialize(folder);
    await client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model',
    );
  });
  after(async () => {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function adapterWith(fill: number): Promise<string> {
    const model = await openModel(embedded);
    const session = await model.trainer({ rank: 4, alpha: 8, seed: 1 });
    const { hash: _hash, ...rest } = session.adapter();
    for (const [name, { data }] of rest.tensors) if (name.includes('lora_B')) data.fill(fill);
    await model.close();
    const where = join(folder, `adapter-${fill}`);
    await saveAdapter(makeAdapter(rest), where);
    return where;
  }

  it('is used where the gates let it in, and completions go on with it', async () => {
    const from = await adapterWith(0);
    const imported = await client.request('hindsight/importAdapter', { folder: from, beside: false });
    assert.match(imported.message, /^Imported adapter\. Kept on insufficient evidence/);
    assert.match(imported.notices[0]!, /does not say which weights/);
    const { adapter } = await client.request('hindsight/status', null);
    assert.equal(adapter, imported.adapter);
    const [round] = await client.request('hindsight/rounds', { limit: 1 });
    assert.equal(round?.adapter, adapter);
  });

  it('leaves the one in use where a gate says no, and says so in a sentence where it is none', async () => {
    const before = (await client.request('hindsight/status', null)).adapter;
    const from = await adapterWith(0.5);
    const { adapter, message } = await client.request('hindsight/importAdapter', {
      folder: from,
      beside: false,
    });
    assert.equal(adapter, null);
    assert.match(message, /Not used/);
    assert.equal((await client.request('hindsight/status', null)).adapter, before);
    await assert.rejects(
      client.request('hindsight/importAdapter', { folder, beside: false }),
      /holds no adapter_model\.safetensors/,
    );
  });
});
