import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaultSettings } from '../../server/protocol/settings';
import { openStore } from '../../server/store/store';
import { ROOT } from '../root';
import { bundleServer } from './bundle';
import { LanguageClient } from './language-client';

const model = join(ROOT, 'media/model');
const source = 'export function load(id) {\n  if (!id) {\n    \n  }\n}\n';

/** The database's file in the storage folder. */
const databaseName = (storage: string): string =>
  readdirSync(storage).find((name) => /\.(?:db|sqlite)$/.test(name))!;

/** The language server as an editor sees it, on the embedded model and a real database. */
describe('language server', function () {
  this.timeout(60_000);
  let folder: string;
  let entry: string;
  let client: LanguageClient;
  let uri: string;

  const start = async (
    trusted = true,
    embeddedModelPath = model,
  ): Promise<{ capabilities: Record<string, unknown> }> => {
    client = new LanguageClient(entry, {
      storagePath: join(folder, 'storage'),
      embeddedModelPath,
      trusted,
    });
    return client.initialize(folder);
  };
  const ready = () =>
    client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model',
    );

  before(async () => {
    entry = await bundleServer();
    folder = mkdtempSync(join(tmpdir(), 'hindsight-server-'));
    uri = pathToFileURL(join(folder, 'a.js')).href;
  });
  afterEach(() => client.close());
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('offers inline completions and stores what became of them', async () => {
    const { capabilities } = await start();
    assert.ok(capabilities.inlineCompletionProvider);
    await ready();
    await client.open(uri, 'javascript', source);
    const offered = await client.complete(uri, 2, 4);
    assert.ok(offered && offered.text.length > 0);

    const at = Date.now();
    const length = offered.text.split('\n')[0]!.length;
    await client.notify('hindsight/shown', { completionId: offered.id, confidence: 'inferred', at });
    await client.change(uri, 2, 4, 4, offered.text);
    await client.notify('hindsight/accepted', { completionId: offered.id, confidence: 'observed', at });
    await client.change(uri, 2, 4 + Math.floor(length / 2), 4 + length, 'corrected();');
    await client.save(uri);

    const event = await client.until(async () => {
      const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 10 });
      return events.find((one) => one.signals.includes('edited'));
    }, 'the edit');
    assert.equal(event.outcome, 'accepted');
    assert.equal(event.path, 'a.js');
    const story = await client.request('hindsight/event', { completionId: event.completionId });
    assert.ok(story?.prefix.endsWith('if (!id) {\n    '));
    assert.match(story?.kept.at(-1)?.text ?? '', /corrected\(\);/);

    // By the model's thread, between its completions: nothing has been learned yet.
    const [why, next] = await Promise.all([
      client.request('hindsight/why', { completionId: offered.id }),
      client.complete(uri, 3, 3),
    ]);
    assert.deepEqual([why.cause, why.text, why.rule], ['base', event.text, null]);
    assert.ok(why.with > 0 && why.with === why.without && why.with < 1);
    assert.equal(why.tokens.map(({ token }) => token).join(''), why.text);
    assert.ok(next === null || next.id !== offered.id);
    await assert.rejects(client.request('hindsight/why', { completionId: 'none' }), /no offer whose code/);
    assert.deepEqual(await client.request('hindsight/rules', null), []);
  });

  it('offers the rest of a completion while it is typed, under the same id', async () => {
    await start();
    await ready();
    await client.open(uri, 'javascript', source);
    const offered = await client.complete(uri, 2, 4);
    assert.ok(offered);
    await client.change(uri, 2, 4, 4, offered.text.slice(0, 2));
    assert.deepEqual(await client.complete(uri, 2, 6), { ...offered, text: offered.text.slice(2) });
  });

  it('shows the model what it knows of other files, and stores that with the completion', async () => {
    await start();
    await ready();
    const cart = 'export class Cart {\n  total() {\n    return 0;\n  }\n}\n';
    writeFileSync(join(folder, 'cart.js'), cart);
    writeFileSync(join(folder, '.env'), 'CART=total\n');
    const shop = pathToFileURL(join(folder, 'shop.js')).href;
    const code =
      "import { Cart } from './cart.js';\n\nexport function pay(id) {\n  const cart = new Cart(id);\n  \n}\n";
    await client.open(pathToFileURL(join(folder, 'b.js')).href, 'javascript', 'send(old);\n');
    await client.change(pathToFileURL(join(folder, 'b.js')).href, 0, 5, 8, 'renamed');
    await client.open(shop, 'javascript', code);
    const position = { line: 4, character: 2 };
    // The context is there once it has been read: a first completion waits for it a moment only.
    await client.notify('hindsight/cursor', { uri: shop, version: 1, position, declared: [] });
    const offered = await client.until(
      () => client.complete(shop, position.line, position.character),
      'an offer',
    );
    await client.request('hindsight/durable', null);
    const store = await openStore(join(folder, 'storage', databaseName(join(folder, 'storage'))));
    const { context = [] } = (await store.completions.get(offered.id))!;
    await store.close();
    assert.deepEqual(
      context.map(({ kind, path }) => [kind, path]),
      [
        ['definition', 'cart.js'],
        ['edit', 'b.js'],
      ],
    );
    assert.equal(context[1]!.text, '-send(old);\n+send(renamed);');
  });

  it('stores what the developer says was expected, at full weight, and learns from it like from an edit', async () => {
    await start();
    await ready();
    await client.open(uri, 'javascript', source);
    const place = { uri, line: 2, character: 4, text: "lg.emit('missing id');", offered: '' };
    assert.equal(await client.request('hindsight/expected', place), true);
    await client.request('hindsight/durable', null);
    const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 });
    assert.deepEqual([events[0]?.signals, events[0]?.status], [['edited'], 'ready']);
    const story = await client.request('hindsight/event', { completionId: events[0]!.completionId });
    assert.ok(story?.prefix.endsWith('if (!id) {\n    '));
    await assert.rejects(
      client.request('hindsight/expected', { ...place, uri: `${uri}.gone` }),
      /not open any more/,
    );
  });

  it('keeps what was stored over a restart, and exports it', async () => {
    await start();
    await ready();
    const { total } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 10 });
    assert.ok(total > 0);
    const path = join(folder, 'mine.jsonl');
    const { rows } = await client.request('hindsight/export', { path });
    assert.equal(rows, total);
    assert.equal(readFileSync(path, 'utf8').trim().split('\n').length, total);
    assert.equal(existsSync(`${path}.part`), false);
  });

  if (process.platform !== 'win32')
    it('takes events and answers the panel while the model still loads', async () => {
      // The model's configuration is a pipe that nothing has been written to yet.
      const slow = join(folder, 'slow-model');
      mkdirSync(slow);
      for (const name of readdirSync(model)) symlinkSync(join(model, name), join(slow, name));
      const config = join(slow, 'config.json');
      const pipe = join(slow, 'pipe');
      rmSync(config);
      execFileSync('mkfifo', [pipe]);
      linkSync(pipe, config);
      await start(true, slow);
      const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 });
      const completionId = events[0]!.completionId;
      await client.notify('hindsight/feedback', {
        completionId,
        text: 'use the cache here',
        thumbs: 0,
        at: Date.now(),
      });
      assert.equal(await client.request('hindsight/durable', null), true);
      const story = await client.request('hindsight/event', { completionId });
      assert.ok(story?.feedback.some(({ text }) => text.includes('use the cache here')));
      const { activity, message } = await client.request('hindsight/status', null);
      assert.deepEqual([activity, message], ['starting', 'Loading the model.']);
      await assert.rejects(client.request('hindsight/trainNow', {}), /still loading/);
      assert.equal(await client.complete(uri, 2, 4), null);
      // Whoever opens the file from now on finds it whole.
      symlinkSync(join(model, 'config.json'), `${config}.whole`);
      renameSync(`${config}.whole`, config);
      const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', join(model, 'config.json'), pipe]);
      await ready();
      writer.kill();
      await client.open(uri, 'javascript', source);
      assert.ok(await client.complete(uri, 2, 4));
    });

  if (process.platform !== 'win32')
    it('writes what it has and ends with 1 on an error that nobody foresaw; the next one goes on', async () => {
      const trap = join(folder, 'trap.cjs');
      writeFileSync(trap, "process.on('SIGUSR2', () => Promise.reject(new Error('nobody foresaw me')));");
      const child = spawn(process.execPath, ['--require', trap, entry, '--stdio'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const options = { storagePath: join(folder, 'storage'), embeddedModelPath: model, trusted: true };
      client = new LanguageClient(entry, options, child);
      await client.initialize(folder);
      const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 });
      const completionId = events[0]!.completionId;
      // A message that is none, to a handler that nobody waits for, ends nothing.
      await client.connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: 'file:///x.ts' },
      });
      await client.request('hindsight/status', null);
      const words = { completionId, text: 'said right before the end', thumbs: 0 as const, at: Date.now() };
      await client.notify('hindsight/feedback', words);
      await client.request('hindsight/status', null);
      child.kill('SIGUSR2');
      const [code] = await once(child, 'exit');
      assert.equal(code, 1);
      await client.until(
        async () => client.log.some((line) => line.includes('nobody foresaw me')),
        'the log',
      );
      client.connection.dispose();
      await start();
      const story = await client.request('hindsight/event', { completionId });
      assert.ok(story?.feedback.some(({ text }) => text.includes('said right before the end')));
    });

  it('says in one sentence why an export failed, and goes on', async () => {
    if (!existsSync('/dev/full')) return;
    await start();
    const path = join(folder, 'full.jsonl');
    symlinkSync('/dev/full', `${path}.part`);
    await assert.rejects(client.request('hindsight/export', { path }), /ENOSPC|no space/);
    assert.ok(await client.request('hindsight/status', null));
    assert.equal(existsSync(path), false);
  });

  it('makes changes of the model one after another, and stores completions under the one that made them', async () => {
    await start();
    await ready();
    const opened = () => client.log.flatMap((line) => /^Model \S+ \((\w+)\) runs/.exec(line)?.[1] ?? []);
    const other = join(ROOT, 'test/fixtures/golden/qwen2');
    for (const path of [other, '', other, ''])
      await client.notify('hindsight/settings', {
        ...defaultSettings,
        model: { ...defaultSettings.model, path },
      });
    // Answered after the changes: each waits for the ones before it.
    await client.notify('hindsight/settings', {
      ...defaultSettings,
      model: { ...defaultSettings.model, threads: 1 },
    });
    const first = opened()[0];
    await client.until(async () => opened().length > 1 && opened().at(-1) === first, 'the last model');
    await ready();
    await client.open(uri, 'javascript', source);
    const offered = await client.until(() => client.complete(uri, 2, 4), 'a completion');
    assert.equal(await client.request('hindsight/durable', null), true);
    const story = await client.request('hindsight/event', { completionId: offered.id });
    assert.equal(story?.modelHash, first);
  });

  it('remembers that learning is paused', async () => {
    await start();
    await ready();
    assert.equal((await client.request('hindsight/pauseLearning', { paused: true })).learningPaused, true);
    await client.close();
    await start();
    await ready();
    assert.equal((await client.request('hindsight/status', null)).learningPaused, true);
  });

  it('says when there is nothing to roll back, and nothing that was', async () => {
    await start();
    await ready();
    assert.deepEqual(await client.request('hindsight/rollBack', null), {
      adapter: null,
      undone: 0,
      message: 'The base model is in use; there is nothing to roll back.',
    });
    assert.deepEqual(await client.request('hindsight/learnAgain', { completionId: null }), {
      corrections: 0,
      message: 'Nothing is left out.',
    });
  });

  it('says in one sentence why it does not train in an untrusted workspace, and stores nothing there', async () => {
    await start(false);
    await ready();
    const count = async () =>
      (await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 })).total;
    const before = await count();
    await client.open(uri, 'javascript', source);
    assert.ok(await client.complete(uri, 2, 4), 'completions go on');
    await assert.rejects(client.request('hindsight/trainNow', {}), /not trusted/);
    assert.equal(await count(), before);
  });

  it('deletes all for good, and tells a second window, which follows a pause too', async () => {
    await start();
    await ready();
    const first = client;
    await start();
    await ready();
    const second = client;
    let told = 0;
    second.on('hindsight/eventsChanged', () => {
      told++;
    });
    client = first;
    await first.request('hindsight/pauseLearning', { paused: false });
    await second.until(
      async () => !(await second.request('hindsight/status', null)).learningPaused,
      'the second window to go on learning',
    );
    const { completions, message } = await client.request('hindsight/delete', { scope: 'all' });
    assert.ok(completions > 0);
    assert.match(message, /for good/);
    assert.equal((await client.request('hindsight/events', { filter: {}, offset: 0, limit: 1 })).total, 0);
    assert.equal(
      readFileSync(join(folder, 'storage', 'hindsight.db')).includes('corrected();'),
      false,
      'the text is still in the file',
    );
    await second.until(async () => told > 0, 'the second window to hear of it');
    await second.close();
  });
});

describe('language server without a usable model folder', function () {
  this.timeout(60_000);

  it('falls back to the embedded model and says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hindsight-server-'));
    const client = new LanguageClient(await bundleServer(), {
      storagePath: join(folder, 'storage'),
      embeddedModelPath: model,
      settings: { ...defaultSettings, model: { ...defaultSettings.model, path: join(folder, 'nothing') } },
    });
    await client.initialize(folder);
    await client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model',
    );
    assert.match(client.warnings.join('\n'), /nothing.*embedded model is used/s);
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
