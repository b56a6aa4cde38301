import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { RecallMemory } from '../../../server/completion/recall-memory';
import { RULE_OFF, RuleKeeper } from '../../../server/services/rules';
import { type FeedbackStore, openStore } from '../../../server/store/store';
import { gather } from '../../../server/training/round/gather';
import { ROOT } from '../../root';
import { completion, learningEvent, scratch } from '../store/records';

describe('rules of a store', function () {
  this.timeout(60_000);
  let place: ReturnType<typeof scratch>;
  let store: FeedbackStore;
  beforeEach(async () => {
    place = scratch();
    store = await openStore(place.file);
  });
  afterEach(async () => {
    await store.close();
    place.remove();
  });

  const correct = async (name: string, solution = `lg.note(${name});`) => {
    const prefix = `function f(${name}) {\n  `;
    await store.completions.insert(
      completion(name, { prefix, uri: `file:///w/${name}.ts`, path: `${name}.ts` }),
    );
    const event = learningEvent(name, { completionId: name, text: `console.warn(${name});`, solution });
    await store.events.put({ ...event, prefix });
    return name;
  };
  const statusOf = async (name: string) => (await store.events.of(name))!.status;

  it('are found with their places, and follow what changes', async () => {
    await correct('order');
    await correct('user');
    const keeper = new RuleKeeper(store);
    const [rule] = await keeper.list();
    assert.deepEqual([rule!.from, rule!.to, rule!.count], ['console.warn($x)', 'lg.note($x)', 2]);
    assert.deepEqual(
      rule!.places.map(({ path: file }) => file),
      ['user.ts', 'order.ts'],
    );
    await keeper.refresh([await correct('file')]);
    assert.equal((await keeper.list())[0]!.count, 3);
    await store.delete({ scope: 'event', completionId: 'file' });
    await keeper.refresh(['file']);
    assert.equal((await keeper.list())[0]!.count, 2);
  });

  it('that are off are neither trained nor recalled, later corrections of the same form too, until they are on', async () => {
    await correct('order');
    await correct('user');
    await correct('other', 'return 1 + other;');
    const told: string[] = [];
    const keeper = new RuleKeeper(store, (ids) => told.push(...ids));
    const { key } = (await keeper.list())[0]!;
    assert.equal((await keeper.change(key, { state: 'off' }))[0]!.state, 'off');
    assert.deepEqual(told.sort(), ['order', 'user']);
    assert.deepEqual(
      (await gather(store, false)).fresh.map(({ completionId }) => completionId),
      ['other'],
    );
    const recall = new RecallMemory(store);
    await recall.load();
    assert.doesNotMatch(
      recall.recall({ languageId: 'typescript', prefix: 'function f(order) {\n  ' }) ?? '',
      /lg/,
    );
    await keeper.refresh([await correct('file')]);
    assert.equal(await statusOf('file'), 'rolled-back');
    // A restart changes nothing, and what was rolled back otherwise is not brought back with it.
    const again = new RuleKeeper(store);
    assert.equal((await again.list())[0]!.state, 'off');
    await again.change(key, { state: 'on' });
    assert.deepEqual(await Promise.all(['order', 'user', 'file'].map(statusOf)), ['ready', 'ready', 'ready']);
    const event = (await store.events.of('order'))!;
    await store.events.settle(event, 'rolled-back', 'by hand');
    await again.refresh(['order']);
    await again.change(key, { sentence: 'x' });
    assert.equal(await statusOf('order'), 'rolled-back');
  });

  it('stay off when everything that was rolled back is to be learned again', async () => {
    await correct('order');
    await correct('user');
    const keeper = new RuleKeeper(store);
    await keeper.change((await keeper.list())[0]!.key, { state: 'deleted' });
    await keeper.refresh(await store.events.learnAgain(null));
    assert.equal(await statusOf('order'), 'rolled-back');
    assert.equal((await store.events.of('order'))!.reason, RULE_OFF);
    assert.equal((await keeper.list())[0]!.state, 'deleted');
  });

  it('keep what was decided where the form changes, and where the sentence is taken back', async () => {
    await correct('order', 'lg.note(order, 1);');
    await correct('user', 'lg.note(user, 1);');
    const keeper = new RuleKeeper(store);
    const first = (await keeper.list())[0]!;
    await keeper.change(first.key, { sentence: ' Say it to lg. ', scope: 'everywhere' });
    await keeper.refresh([await correct('file', 'lg.note(file, 22);')]);
    const wider = (await keeper.list())[0]!;
    assert.notEqual(wider.key, first.key);
    assert.deepEqual(
      [wider.to, wider.sentence, wider.scope],
      ['lg.note($x, $y)', 'Say it to lg.', 'everywhere'],
    );
    assert.equal((await keeper.change(wider.key, { sentence: '' }))[0]!.sentence, null);
    assert.equal((await store.rules.decisions()).length, 1);
    await assert.rejects(keeper.change('none', {}), /rule is gone/);
  });

  it('go with the last of their corrections', async () => {
    await correct('order');
    await correct('user');
    const keeper = new RuleKeeper(store);
    await keeper.change((await keeper.list())[0]!.key, { state: 'off' });
    await store.delete({ scope: 'event', completionId: 'order' });
    assert.equal((await store.rules.decisions()).length, 1);
    await store.delete({ scope: 'event', completionId: 'user' });
    assert.deepEqual(await store.rules.decisions(), []);
    await correct('order');
    await correct('user');
    const later = new RuleKeeper(store);
    await later.change((await later.list())[0]!.key, { state: 'off' });
    await store.delete({ scope: 'all' });
    assert.deepEqual(await store.rules.decisions(), []);
  });

  it('are told on the command line without the code they came from', async () => {
    await correct('order');
    await correct('user');
    await correct('other', 'return 1 + other;');
    const keeper = new RuleKeeper(store);
    await keeper.change((await keeper.list())[0]!.key, { sentence: 'Say it to lg.' });
    await store.close();
    const run = (...more: string[]) =>
      execFileSync(
        process.execPath,
        ['--require', 'tsx/cjs', 'server/cli.ts', 'rules', '--db', place.file, ...more],
        {
          cwd: ROOT,
          encoding: 'utf8',
        },
      );
    const { rules } = JSON.parse(run('--json'));
    const { key, ...rule } = rules[0];
    assert.match(key, /^[0-9a-f]{16}$/);
    assert.deepEqual(rule, {
      language: 'typescript',
      from: 'console.warn($x)',
      to: 'lg.note($x)',
      sentence: 'Say it to lg.',
      state: 'on',
      count: 2,
    });
    const rows = path.join(place.folder, 'rows.jsonl');
    const exported = execFileSync(
      process.execPath,
      [
        '--require',
        'tsx/cjs',
        'server/cli.ts',
        'export',
        '--db',
        place.file,
        '--out',
        rows,
        '--rule',
        key,
        '--json',
      ],
      { cwd: ROOT, encoding: 'utf8' },
    );
    assert.equal(JSON.parse(exported).rows, 2);
    const text = run();
    assert.match(
      text,
      /Say it to lg\.\n {2}console\.warn\(\$x\) {2}→ {2}lg\.note\(\$x\)\n {2}typescript, 2 corrections, on/,
    );
    assert.doesNotMatch(text + JSON.stringify(rules), /order|user|file:/);
    store = await openStore(path.join(place.folder, 'other.db'));
  });

  it('are read in slices: the event loop never waits', async () => {
    for (let i = 0; i < 600; i++) await correct(`name${i}`, `lg${i % 7}.note${i % 90}(name${i});`);
    // The least of three: what else the machine does meanwhile is not ours.
    let least = Number.POSITIVE_INFINITY;
    let rules: Awaited<ReturnType<RuleKeeper['list']>> = [];
    for (let i = 0; i < 3; i++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      rules = await new RuleKeeper(store).list();
      delay.disable();
      least = Math.min(least, delay.max / 1e6);
    }
    assert.equal(
      rules.reduce((sum, { count }) => sum + count, 0),
      600,
    );
    assert.ok(least < 50 + 5, `${least} ms`);
  });
});
