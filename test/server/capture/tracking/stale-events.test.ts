import assert from 'node:assert/strict';
import { Capture } from '../../../../server/capture/capture';
import { defaultSettings } from '../../../../server/protocol/settings';
import { completion, learningEvent } from '../../store/records';
import { readRunHere, Session } from '../session';

const FILE = 'export function find(id: string) {\n  return \n}\n';

describe('events an earlier server left waiting', () => {
  let s: Session;
  beforeEach(async () => {
    s = await Session.start();
    s.open('a.ts', FILE);
  });
  afterEach(() => s.end());

  /** The server is killed and, `ms` later, another one starts on the same store. */
  async function restart(ms: number): Promise<void> {
    await s.capture.flush();
    s.capture.dispose();
    s.advance(ms);
    const next = new Capture({
      store: s.store,
      settings: defaultSettings,
      trusted: true,
      folders: [s.folder],
      readRun: readRunHere,
      clock: s.clock,
    });
    await next.flush();
    next.dispose();
  }

  async function leave(): Promise<string> {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.replace('a.ts', 'get', 'fetch');
    s.save('a.ts');
    assert.equal((await s.event(id))?.status, 'waiting');
    return id;
  }

  it('are ready where the file still holds the correction', async () => {
    const id = await leave();
    await restart(3_600_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.reason], ['ready', null]);
  });

  it('are found however many texts were kept as offered', async () => {
    for (let i = 0; i < 2100; i++) {
      const id = `kept-${i}`;
      void s.store.completions.insert(completion(id));
      void s.store.events.put(learningEvent(id, { signals: ['kept'], weight: 0.1, status: 'waiting' }));
    }
    const id = await leave();
    await restart(3_600_000);
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('are dropped where it does not', async () => {
    const id = await leave();
    s.onDisk('a.ts', FILE);
    await restart(3_600_000);
    assert.match((await s.event(id))?.reason ?? '', /did not stay/);
  });

  it('are left to a server that may still be alive', async () => {
    const id = await leave();
    await restart(60_000);
    assert.equal((await s.event(id))?.status, 'waiting');
  });

  it('wait a day for the fix of a failing test', async () => {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.save('a.ts');
    await s.run(`TypeError: no\n    at find (${s.folder}/a.ts:2:13)\n`, 1);
    await restart(3 * 3_600_000);
    assert.equal((await s.event(id))?.status, 'waiting');
    await restart(22 * 3_600_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.weight, event.solution], ['ready', 0.25, null]);
  });
});

describe('completions of a server that is gone', () => {
  let s: Session;
  let next: Capture;
  const output = () => `TypeError: no\n    at find (${s.folder}/a.ts:3:13)\n`;
  beforeEach(async () => {
    s = await Session.start();
    s.open('a.ts', FILE);
  });
  afterEach(async () => {
    await next.flush();
    next.dispose();
    await s.end();
  });

  /** The server is killed; another one starts, and the editor opens its document there. */
  async function restart(text = s.text('a.ts')): Promise<void> {
    await s.capture.flush();
    s.capture.dispose();
    const settings = defaultSettings;
    next = new Capture({
      store: s.store,
      settings,
      trusted: true,
      folders: [s.folder],
      readRun: readRunHere,
      clock: s.clock,
    });
    next.documentOpened({ uri: s.uri('a.ts'), languageId: 'typescript', version: 1, text });
    await next.flush();
  }

  async function run(text: string, exitCode: number): Promise<void> {
    const at = s.clock.now();
    const about = { source: 'terminal', command: 'npm test', cwd: s.folder } as const;
    next.run({ ...about, exitCode, output: text, startedAt: at, endedAt: at });
    await next.flush();
  }

  const event = (id: string) => s.store.events.of(id);

  it('are followed again: a test that fails on one, and its fix', async () => {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.save('a.ts');
    s.advance(3_600_000);
    const moved = `// moved down\n${s.text('a.ts')}`;
    await restart(moved);
    await run(output(), 1);
    assert.deepEqual((await event(id))?.signals, ['test-failed']);
    s.advance(5_000);
    const range = { start: { line: 2, character: 12 }, end: { line: 2, character: 15 } };
    next.documentChanged({ uri: s.uri('a.ts'), version: 2, contentChanges: [{ range, text: 'fetch' }] });
    next.documentSaved(s.uri('a.ts'));
    s.advance(1_000);
    await run('ok', 0);
    const fixed = (await event(id))!;
    assert.deepEqual([fixed.solution, fixed.status], ['db.fetch(id);', 'ready']);
    assert.ok(fixed.signals.includes('test-fixed'));
  });

  it('are left alone where the text is gone, too old, or was learned from', async () => {
    const old = s.take('a.ts', 'return ', 'db.get(id, "old");');
    s.save('a.ts');
    s.advance(25 * 3_600_000);
    s.open('a.ts', FILE);
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.replace('a.ts', 'get', 'fetch');
    s.save('a.ts');
    s.advance(61_000);
    const before = await s.event(id);
    assert.equal(before?.status, 'ready');
    await restart();
    await run(output().replace(':3:', ':2:'), 1);
    assert.deepEqual(await event(id), before);
    assert.equal((await event(old))?.signals.includes('test-failed') ?? false, false);
  });

  it('take an acceptance, words and a rejection that are told late', async () => {
    const id = s.offer('a.ts', 'return ', 'db.get(id);');
    await restart(FILE.replace('return ', 'return db.get(id);'));
    const at = s.clock.now();
    const accepted = { completionId: id, confidence: 'observed', at } as const;
    next.accepted(accepted);
    await next.flush();
    next.feedback({ completionId: null, text: 'through the cache', thumbs: 1, at });
    await next.flush();
    assert.equal((await event(id))?.words, 'through the cache');
    const story = (await s.store.panel.story(id))!;
    assert.deepEqual(
      story.outcomes.map((o) => o.kind),
      ['shown', 'accepted'],
    );
    assert.equal(story.feedback.length, 2);
    s.advance(31_000);
    await next.flush();
    const { kept } = (await s.store.panel.story(id))!;
    assert.deepEqual([kept[0]?.reason, kept[0]?.text], ['30s', 'db.get(id);']);
  });

  it('take them once, however often they are told, and nothing of what was never stored', async () => {
    const id = s.offer('a.ts', 'return ', 'db.get(id);');
    await restart();
    next.documentClosed(s.uri('a.ts'));
    const report = { completionId: id, kind: 'ignored', confidence: 'inferred', at: s.clock.now() } as const;
    for (let i = 0; i < 3; i++) {
      next.rejected(report);
      next.rejected({ ...report, completionId: 'never' });
      next.feedback({ completionId: id, text: '', thumbs: -1, at: report.at });
    }
    await next.flush();
    const story = (await s.store.panel.story(id))!;
    assert.deepEqual([story.outcome, story.outcomes.length, story.feedback.length], ['ignored', 2, 1]);
    assert.equal(await s.store.completions.count(), 1);
  });

  it('keep a stored correction under the words that are said about it later', async () => {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    s.replace('a.ts', 'get', 'fetch');
    s.save('a.ts');
    s.advance(61_000);
    const before = (await s.event(id))!;
    assert.deepEqual([before.solution, before.status], ['db.fetch(id);', 'ready']);
    await restart();
    const say = async (text: string) => {
      next.feedback({ completionId: id, text, thumbs: 0, at: s.clock.now() });
      await next.flush();
    };
    await say('fetch knows the cache');
    const after = (await event(id))!;
    assert.deepEqual(after, {
      ...before,
      updatedAt: after.updatedAt,
      words: 'fetch knows the cache',
      signals: ['edited', 'words'],
    });
    await say('get does not');
    await say('get does not');
    assert.equal((await event(id))!.words, 'fetch knows the cache\nget does not');
    await s.store.events.settle((await event(id))!, 'trained', null);
    await say('so it is learned once more');
    assert.deepEqual([(await event(id))!.solution, (await event(id))!.status], ['db.fetch(id);', 'ready']);
  });

  it('make words alone the lesson where the text was kept as offered, or the edit was none', async () => {
    const kept = s.take('a.ts', 'return ', 'db.get(id);');
    s.save('a.ts');
    s.advance(700_000);
    assert.deepEqual((await s.event(kept))?.signals, ['kept']);
    await restart();
    next.feedback({ completionId: kept, text: 'no db here', thumbs: 0, at: s.clock.now() });
    await next.flush();
    const { solution, words, signals, weight, status } = (await event(kept))!;
    assert.deepEqual(
      [solution, words, signals, weight, status],
      [null, 'no db here', ['words'], 0.5, 'ready'],
    );
  });

  it('are not offered again where they were rejected, or got a thumb down', async () => {
    const before = FILE.slice(0, FILE.indexOf('return ') + 7);
    s.reject(s.offer('a.ts', 'return ', 'db.get(id);'));
    const disliked = s.offer('a.ts', 'return ', 'db.all();');
    s.capture.feedback({ completionId: disliked, text: '', thumbs: -1, at: s.clock.now() });
    s.offer('a.ts', 'return ', 'db.none();');
    await restart();
    // It reads them as it starts.
    for (let i = 0; i < 50 && !next.isRejectedHere(before, 'db.get(id);'); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(next.isRejectedHere(before, 'db.get(id);'), true);
    assert.equal(next.isRejectedHere(before, 'db.all();'), true);
    assert.equal(next.isRejectedHere(before, 'db.none();'), false);
    assert.equal(next.isRejectedHere(`${before} `, 'db.get(id);'), false);
    await s.store.delete({ scope: 'event', completionId: disliked });
    await next.deleted();
    assert.equal(next.isRejectedHere(before, 'db.all();'), false);
    assert.equal(next.isRejectedHere(before, 'db.get(id);'), true);
  });

  it('were refused still, but not those that were taken after all', async () => {
    const refused = s.offer('a.ts', 'return ', 'db.get(id);');
    s.reject(refused);
    const taken = s.offer('a.ts', 'return ', 'cache.get(id);');
    s.reject(taken);
    s.accept(taken);
    await restart();
    const place = FILE.slice(0, FILE.indexOf('return ') + 7);
    assert.equal(next.isRejectedHere(place, 'db.get(id);'), true);
    assert.equal(next.isRejectedHere(place, 'cache.get(id);'), false);
  });

  it('answer words without an id, about the last one seen', async () => {
    const id = s.take('a.ts', 'return ', 'db.get(id);');
    await restart();
    next.feedback({ completionId: null, text: 'no db here', thumbs: 0, at: s.clock.now() });
    await next.flush();
    assert.equal((await event(id))?.words, 'no db here');
  });
});
