import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root';
import { HubServer } from '../server/catalogue/hub-server';
import { ggufBytes } from '../server/model/files/gguf/writer';
import { llamaTensors, settings } from '../server/model/gguf-models';
import { Fixture } from './fixture';

/** A Hugging Face cache that holds one tiny model. */
function fillCache(cache: string): void {
  const model = join(cache, 'models--tiny--qwen');
  cpSync(join(ROOT, 'test/fixtures/golden/qwen2'), join(model, 'snapshots', 'abc'), { recursive: true });
  mkdirSync(join(model, 'refs'));
  writeFileSync(join(model, 'refs', 'main'), 'abc');
}

/** From the model that comes along to another: what lies on the machine, and what a hub has. */
describe('choosing a model', function () {
  this.timeout(180_000);
  const variables = ['HF_HUB_CACHE', 'HF_ENDPOINT'] as const;
  const before_ = variables.map((name) => [name, process.env[name]] as const);
  const bytes = ggufBytes(settings, llamaTensors('Q8_0'));
  const hub = new HubServer({ 'tiny-q8_0.gguf': { bytes, large: true } });
  let cache: string;
  let fixture: Fixture;

  before(async () => {
    process.env.HF_ENDPOINT = await hub.start();
    fixture = await Fixture.start(
      'models',
      { settings: { 'hindsight.learning.automatic': false, 'hindsight.model.offer': true } },
      ({ home }) => {
        cache = process.env.HF_HUB_CACHE = join(home, 'hub');
        fillCache(cache);
      },
    );
    await fixture.editor.ready();
  });
  after(async () => {
    await fixture?.stop();
    await hub.stop();
    for (const [name, value] of before_) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await fixture.editor.screenshot('failed');
  });

  const row = (text: string) =>
    fixture.editor.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();

  /** Waits until the menu of the status item names this model. */
  async function works(model: string): Promise<void> {
    const { editor } = fixture;
    for (let attempt = 1; ; attempt++) {
      await editor.page.waitForTimeout(1500);
      await editor.status.click();
      await row('Choose Model').waitFor();
      const text = await row('Choose Model').innerText();
      await editor.closeQuickInput();
      if (text.includes(`now: ${model}`)) return;
      assert.ok(attempt < 8, `the menu says: ${text}`);
    }
  }

  it('is offered once, and asks nothing of the network before it is wanted', async () => {
    const { editor } = fixture;
    const question = editor.notification('Fetch a better one (SmolLM2-135M, 98 MB, apache-2.0');
    await question.waitFor();
    await editor.screenshot('offered');
    await question.getByRole('button', { name: 'No', exact: true }).click();
    assert.deepEqual(hub.requests, []);
    await editor.command('Restart Server');
    await editor.page.waitForTimeout(3000);
    assert.equal(await question.count(), 0);
  });

  it('lists what is on this machine and what can be fetched, and switches without a reload', async () => {
    const { editor } = fixture;
    await editor.openFile('items.js');
    await editor.command('Choose Model');
    await row('tiny/qwen').waitFor();
    await row('qwen2.5-coder-0.5b').waitFor();
    await editor.screenshot('list');
    assert.deepEqual(hub.requests, []);
    await row('tiny/qwen').click();
    await works('qwen');
  });

  it('fetches one by its name after saying from where, how much and under which licence', async () => {
    const { editor } = fixture;
    await editor.command('Choose Model');
    await row('Another one of Hugging Face').click();
    await editor.answer('Fetch Model', 'someone/Tiny-GGUF');
    const dialog = editor.page.locator('.monaco-dialog-box');
    await dialog.getByText('Licence: apache-2.0').waitFor();
    await editor.screenshot('plan');
    assert.equal(hub.downloads.length, 0);
    await dialog.getByRole('button', { name: 'Fetch', exact: true }).click();
    await works('tiny-q8_0');
    assert.equal(hub.downloads.length, 1);
    assert.ok(existsSync(join(cache, 'models--someone--Tiny-GGUF', 'refs', 'main')));
    await editor.screenshot('fetched');
  });

  it('goes back to the one that comes along, and completes with it', async () => {
    const { editor } = fixture;
    await editor.command('Choose Model');
    await row('comes along').click();
    await works('embedded model');
    assert.ok(await fixture.offer('invoices.js', 'loadInvoice'), 'no ghost text came');
  });
});
