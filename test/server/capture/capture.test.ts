import assert from 'node:assert/strict';
import { Connection } from '../../../server/store/sqlite';
import type { Session } from './session';
import { FILE, withSession } from './with-session';

describe('capture', () => {
  let s: Session;
  withSession((session) => {
    s = session;
  });

  it('learns from an accepted text that was edited, saved and left alone', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'db.get(id)', 'db.fetchOne(id)');
    assert.equal(await s.event(id), null);
    s.save('src/a.ts');
    const early = await s.event(id);
    assert.equal(early?.status, 'waiting');
    s.advance(61_000);
    const event = (await s.event(id))!;
    assert.deepEqual(
      [event.status, event.solution, event.weight, event.signals],
      ['ready', 'db.fetchOne(id);', 1, ['edited']],
    );
    const story = (await s.story(id))!;
    assert.equal(story.outcome, 'accepted');
    assert.equal(story.keptText, 'db.fetchOne(id);');
    assert.deepEqual(
      story.kept.map((k) => k.reason),
      ['save', '30s'],
    );
  });

  it('counts what is edited and saved at once when asked to train', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetchOne');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.status, 'waiting');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('does not take back what a round may have read', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.replace('src/a.ts', 'get', 'fetchOne');
    s.save('src/a.ts');
    await s.run(`TypeError: no\n    at find (${s.folder}/src/a.ts:4:13)\n`, 1);
    assert.equal((await s.event(id))?.status, 'waiting');
    await s.capture.settleNow();
    const event = (await s.event(id))!;
    assert.deepEqual([event.status, event.signals], ['ready', ['edited', 'test-failed']]);
    await s.store.events.settle(event, 'trained', null);
    s.advance(700_000);
    assert.equal((await s.event(id))?.status, 'trained');
    s.replace('src/a.ts', 'fetchOne', 'load');
    s.save('src/a.ts');
    await s.run('ok', 0);
    assert.deepEqual([(await s.event(id))?.status, (await s.event(id))?.solution], ['ready', 'db.load(id);']);
  });

  it('learns what was typed instead of a rejected completion', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.get(id);');
    s.type('src/a.ts', 'return ', 'c');
    s.reject(id);
    s.type('src/a.ts', 'return c', 'ache.get(id);\n  // done');
    s.save('src/a.ts');
    s.advance(31_000);
    const event = (await s.event(id))!;
    assert.deepEqual(
      [event.solution, event.weight, event.status, event.signals],
      ['cache.get(id);', 0.4, 'ready', ['typed-otherwise']],
    );
    // The panel shows it too: nothing was kept of the offer, and this stands in its place.
    assert.equal((await s.story(id))?.keptText, 'cache.get(id);');
    assert.ok(s.capture.isRejectedHere(FILE.slice(0, FILE.indexOf('return ') + 7), 'db.get(id);'));
    assert.ok(!s.capture.isRejectedHere(FILE.slice(0, FILE.indexOf('return ') + 7), 'db.get(x);'));
  });

  const [likely, unlikely] = [
    [-0.1, -0.1],
    [-1.2, -1.5],
  ];
  for (const [offered, instead, logProbs, status, weight] of [
    ['{', 'express();', unlikely, 'dropped', 0],
    ['warn(id);', 'emit();', likely, 'ready', 0.4],
    ['db.get(id, at);', 'store.get(id);', unlikely, 'ready', 0.23],
    ['größe.mal(2)', 'größe.mal(3)', unlikely, 'ready', 0.4],
    ['x', 'y.z();', [], 'ready', 0.4],
  ] as const)
    it(`weighs ‘${instead}’, typed after an offer of ‘${offered}’, by how likely that was and what both share`, async () => {
      const id = s.offer('src/a.ts', 'return ', offered, [...logProbs]);
      s.type('src/a.ts', 'return ', instead[0]!);
      s.reject(id);
      s.type('src/a.ts', `return ${instead[0]!}`, `${instead.slice(1)}\n  // done`);
      s.save('src/a.ts');
      s.advance(31_000);
      const event = (await s.event(id))!;
      assert.deepEqual(
        [event.status, Math.round(100 * event.weight) / 100, event.solution],
        [status, weight, instead],
      );
    });

  it('learns nothing from a bare rejection, a thumb, or an offer nobody answered', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.get(id);');
    s.capture.feedback({ completionId: null, text: '', thumbs: -1, at: s.clock.now() });
    s.reject(id);
    s.advance(200_000);
    await s.capture.settleNow();
    assert.equal(await s.event(id), null);
    const story = (await s.story(id))!;
    assert.equal(story.outcome, 'rejected');
    assert.deepEqual(
      story.feedback.map((f) => [f.kind, f.text]),
      [['thumbs', '-1']],
    );
  });

  it('counts a text as kept at a thumb up, and takes that back at a thumb down', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const thumb = (thumbs: 1 | -1) =>
      s.capture.feedback({ completionId: id, text: '', thumbs, at: s.clock.now() });
    const place = FILE.slice(0, FILE.indexOf('return ') + 7);
    thumb(1);
    assert.deepEqual((await s.event(id))?.signals, ['kept']);
    assert.ok(!s.capture.isRejectedHere(place, 'db.get(id);'));
    s.advance(1_000);
    thumb(-1);
    assert.equal((await s.event(id))?.status, 'dropped');
    assert.ok(s.capture.isRejectedHere(place, 'db.get(id);'));
    s.advance(700_000);
    assert.equal((await s.event(id))?.status, 'dropped');
  });

  it('keeps the developer’s words, and the fix that follows them', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.capture.feedback({ completionId: null, text: 'use the cache', thumbs: 0, at: s.clock.now() });
    const first = (await s.event(id))!;
    assert.deepEqual(
      [first.words, first.weight, first.status, first.solution],
      ['use the cache', 0.5, 'ready', null],
    );
    s.replace('src/a.ts', 'db.get', 'cache.get');
    s.save('src/a.ts');
    s.advance(61_000);
    const second = (await s.event(id))!;
    assert.deepEqual([second.words, second.weight, second.solution], ['use the cache', 1, 'cache.get(id);']);
  });

  it('knows the accepted completion under a code action, wherever it has moved', () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const at = (line: number, from: number, to: number) =>
      s.capture.completionAt(s.uri('src/a.ts'), {
        start: { line, character: from },
        end: { line, character: to },
      });
    assert.equal(at(3, 12, 12), id);
    assert.equal(at(3, 0, 4), null);
    s.edit('src/a.ts', 0, 0, '// a line\n');
    assert.equal(at(3, 12, 12), null);
    assert.equal(at(4, 0, 9), id);
    const other = s.offer('src/a.ts', 'return ', 'x');
    s.reject(other);
    assert.equal(at(4, 9, 9), id);
    assert.equal(
      s.capture.completionAt('file:///none', {
        start: { line: 0, character: 0 },
        end: { line: 9, character: 0 },
      }),
      null,
    );
  });

  it('puts what was kept into the replay pool', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    s.type('src/a.ts', 'db.get(id);', ' // more');
    s.save('src/a.ts');
    s.advance(601_000);
    const event = (await s.event(id))!;
    assert.deepEqual([event.signals, event.weight, event.solution], [['kept'], 0.1, 'db.get(id);']);
    assert.deepEqual(
      (await s.story(id))!.kept.map((k) => k.reason),
      ['save', '30s', '2min', '10min'],
    );
  });

  it('waits for a diagnostic to stay, and takes the edit that clears it', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    const uri = s.uri('src/a.ts');
    const range = { start: { line: 3, character: 9 }, end: { line: 3, character: 15 } };
    const item = {
      range,
      message: "Property 'get' does not exist.",
      severity: 'error' as const,
      source: 'ts',
    };
    s.capture.diagnostics({ uri, version: 2, items: [item] });
    s.advance(3_000);
    s.capture.diagnostics({ uri, version: 2, items: [] });
    s.advance(9_000);
    assert.equal(await s.event(id), null);
    s.capture.diagnostics({ uri, version: 2, items: [item] });
    s.advance(6_000);
    assert.deepEqual((await s.event(id))?.signals, ['diagnostic']);
    s.replace('src/a.ts', 'get', 'fetch');
    s.capture.diagnostics({ uri, version: 3, items: [] });
    s.save('src/a.ts');
    s.advance(61_000);
    const event = (await s.event(id))!;
    assert.deepEqual(event.signals, ['edited', 'diagnostic', 'diagnostic-fixed']);
    assert.equal(event.status, 'ready');
    assert.equal(event.output, "ts: Property 'get' does not exist.");
  });

  it('goes on in memory while the database is away', async () => {
    const id = s.take('src/a.ts', 'return ', 'db.get(id);');
    await s.capture.flush();
    const other = await Connection.open(s.store.path, 50);
    await other.exec('BEGIN EXCLUSIVE');
    s.replace('src/a.ts', 'get', 'fetch');
    s.save('src/a.ts');
    assert.equal(await s.capture.flush(100), false);
    s.advance(61_000);
    await other.exec('COMMIT');
    await other.close();
    assert.equal(await s.capture.flush(), true);
    assert.equal((await s.event(id))?.status, 'ready');
  });

  it('joins partial acceptances', async () => {
    const id = s.offer('src/a.ts', 'return ', 'db.getAll(id);');
    s.accept(id, 3);
    s.advance(500);
    const at = s.text('src/a.ts').indexOf('return db.') + 10;
    s.edit('src/a.ts', at, 0, 'getAll(id);');
    s.capture.accepted({ completionId: id, confidence: 'observed', at: s.clock.now(), acceptedLength: 14 });
    s.replace('src/a.ts', 'getAll', 'fetch');
    s.save('src/a.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.fetch(id);');
    const story = (await s.story(id))!;
    assert.deepEqual(
      story.outcomes.map((o) => o.kind),
      ['shown', 'accepted-partially', 'accepted'],
    );
  });

  it('finds the text again in Windows line ends and in a file opened anew', async () => {
    s.open('src/w.ts', FILE.replaceAll('\n', '\r\n'));
    const id = s.offer('src/w.ts', 'return ', 'db.get(\n    id,\n  );');
    const at = s.text('src/w.ts').indexOf('return ') + 7;
    s.edit('src/w.ts', at, 0, 'db.get(\r\n    id,\r\n  );');
    s.capture.accepted({ completionId: id, confidence: 'observed', at: s.clock.now() });
    s.save('src/w.ts');
    s.capture.documentClosed(s.uri('src/w.ts'));
    s.advance(5_000);
    s.open('src/w.ts', `// moved down\r\n${s.text('src/w.ts')}`);
    s.replace('src/w.ts', 'db.get', 'db.fetch');
    s.save('src/w.ts');
    await s.capture.settleNow();
    assert.equal((await s.event(id))?.solution, 'db.fetch(\n    id,\n  );');
  });
});
