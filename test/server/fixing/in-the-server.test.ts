/** Make This Test Pass as an editor sees it: a run that fails, the search, and the correction that a taken fix is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../root';
import { bundleServer } from '../bundle';
import { LanguageClient } from '../language-client';

const CODE = `/** The sum of the prices of all items. */
function total(items) {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return 0;
}

module.exports = { total };
`;
const TEST = `const test = require('node:test');
const assert = require('node:assert');
const { total } = require('../src/cart');
test('prices are added', () => {
  assert.strictEqual(total([{ price: 2 }, { price: 3 }]), 5);
});
`;
const COMMAND = 'node --test test/';

describe('make this test pass, in the language server', function () {
  this.timeout(120_000);
  let folder: string;
  let client: LanguageClient;
  let file: string;

  const start = async (trusted: boolean) => {
    const storagePath = join(folder, 'storage');
    const embeddedModelPath = join(ROOT, 'media/model');
    client = new LanguageClient(await bundleServer(), { storagePath, embeddedModelPath, trusted });
    await client.initialize(join(folder, 'project'));
    await client.until(
      async () => (await client.request('hindsight/status', null)).activity === 'idle',
      'the model',
    );
  };

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'hindsight-fixing-')));
    for (const name of ['src', 'test']) mkdirSync(join(folder, 'project', name), { recursive: true });
    file = join(folder, 'project/src/cart.js');
    writeFileSync(file, CODE);
    writeFileSync(join(folder, 'project/test/cart.test.js'), TEST);
  });
  afterEach(() => client.close());
  after(() => rmSync(folder, { recursive: true, force: true }));

  const request = () => ({
    path: file,
    range: { first: 7, last: 7 },
    command: COMMAND,
    cwd: join(folder, 'project'),
    maxSeconds: 60,
  });

  it('knows the failing test, finds what makes it pass, and stores what was taken', async () => {
    await start(true);
    const cwd = join(folder, 'project');
    const { stdout, status } = spawnSync('sh', ['-c', COMMAND], { cwd, encoding: 'utf8' });
    assert.equal(status, 1);
    const at = Date.now();
    const run = { command: COMMAND, cwd, exitCode: 1, output: stdout, startedAt: at, endedAt: at };
    await client.notify('hindsight/run', { source: 'terminal', ...run });
    const [test] = await client.until(async () => {
      const failing = await client.request('hindsight/failingTests', null);
      return failing.length > 0 && failing;
    }, 'the failing test');
    assert.deepEqual([test!.name, test!.command], ['prices are added', COMMAND]);
    assert.deepEqual(test!.places[0], { path: join(cwd, 'test/cart.test.js'), line: 5, isTest: true });

    const outcome = await client.request('hindsight/fixTest', request());
    assert.equal(outcome.found, true, outcome.message);
    assert.equal(outcome.text, '  return sum;');
    assert.equal(readFileSync(file, 'utf8'), CODE);

    const stored = await client.request('hindsight/fixTaken', {
      uri: pathToFileURL(file).href,
      languageId: 'javascript',
      before: CODE,
      offset: CODE.indexOf('  return 0;'),
      failing: outcome.failing.text,
      passing: outcome.text,
      failure: outcome.failing.failure,
    });
    assert.equal(stored, true);
    await client.request('hindsight/durable', null);
    const { events } = await client.request('hindsight/events', { filter: {}, offset: 0, limit: 10 });
    assert.deepEqual(events[0]?.signals, ['test-failed', 'test-fixed']);
    assert.equal(events[0]?.status, 'ready');
    const story = await client.request('hindsight/event', { completionId: events[0]!.completionId });
    assert.ok(story?.prefix.endsWith('  }\n'));
    assert.ok(story?.suffix.startsWith('\n}'));

    const green = { ...run, exitCode: 0, output: '# tests 1\n# pass 1\n# fail 0\n', endedAt: at + 1 };
    await client.notify('hindsight/run', { source: 'terminal', ...green });
    await client.until(
      async () => (await client.request('hindsight/failingTests', null)).length === 0,
      'no failing test',
    );
  });

  it('runs nothing in a workspace that is not trusted', async () => {
    await start(false);
    await assert.rejects(client.request('hindsight/fixTest', request()), /not trusted/);
  });
});
