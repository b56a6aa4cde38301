import assert from 'node:assert/strict';
import { join } from 'node:path';
import { CompletionEngine, type EngineHooks, type Place } from '../../../server/completion/engine';
import { CompletionWorker } from '../../../server/completion/worker-client';
import type { CompletionRecord } from '../../../server/store/records';
import { ROOT } from '../../root';
import { bundle } from '../bundle';

const modelDir = join(ROOT, 'media/model');
/** A cursor on a line of its own: what is offered there is a whole line at least. */
const source = `export class Counter {
  private count = 0;

  increment(): void {
    `;

const place = (text = source, uri = 'file:///a.ts'): Place => ({
  uri,
  path: 'a.ts',
  languageId: 'typescript',
  text: `${text}\n}\n`,
  offset: text.length,
  line: text.split('\n').length - 1,
  character: text.length - text.lastIndexOf('\n') - 1,
});

describe('completion engine', function () {
  this.timeout(30_000);
  let worker: CompletionWorker;

  before(async () => {
    worker = new CompletionWorker(await bundle('server/completion/worker.ts'), () => undefined);
    await worker.open({ modelDir, device: 'cpu', threads: 1, precision: 'float32' });
  });
  after(() => worker.close());

  function engine(hooks: Partial<EngineHooks> = {}, debounceMs = 0) {
    const offered: CompletionRecord[] = [];
    const made = new CompletionEngine(
      worker,
      {
        onOffer: (record) => offered.push(record),
        wasRejected: async () => false,
        recall: async () => null,
        ...hooks,
      },
      { debounceMs, maxTokens: 24, recall: true },
    );
    made.modelChanged(true);
    return { engine: made, offered };
  }

  it('offers what the model says, and stores it first', async () => {
    const { engine: e, offered } = engine();
    const result = await e.complete(place(), () => false, true);
    assert.ok(result && result.text.trim() !== '');
    assert.deepEqual([offered[0]!.id, offered[0]!.text], [result.completionId, result.text]);
    assert.ok(offered[0]!.promptIds.length > 10 && offered[0]!.responseIds.length > 0);
  });

  it('goes on with an offer that is typed along, without the model', async () => {
    const { engine: e, offered } = engine();
    const first = await e.complete(place(), () => false, true);
    const typed = await e.complete(place(source + first!.text[0]), () => false, true);
    assert.deepEqual(typed, { completionId: first!.completionId, text: first!.text.slice(1) });
    assert.equal(offered.length, 1);
  });

  it('finds a prompt in the cache that was read ahead, context and all', async () => {
    const context = [
      { kind: 'definition' as const, path: 'b.ts', text: 'export const base = 10;'.repeat(4) },
    ];
    const code = { path: 'a.ts', languageId: 'typescript', prefix: source, suffix: '\n}\n' };
    const query = { ...code, feedback: null, lookups: [], maxTokens: 12 };
    const there = { ...query, document: 'file:///ahead.ts', context, contextTokens: 80 };
    await worker.readAhead(there);
    const known = await worker.complete({ ...there, prefix: `${source}this.` });
    assert.ok(known && known.contextTokens > 10);
    assert.ok(known.reusedTokens >= known.contextTokens, `${known.reusedTokens} of ${known.promptTokens}`);
    const cold = await worker.complete({
      ...there,
      document: 'file:///cold.ts',
      prefix: `${source}this.`,
    });
    assert.equal(cold!.reusedTokens, 0);
    assert.deepEqual(known.responseIds, cold!.responseIds);
  });

  it('reads ahead where the cursor rests, with the context that a completion will show', async () => {
    const asked: string[] = [];
    const hooks = {
      context: async ({ uri }: Place) => {
        asked.push(uri);
        return [];
      },
    };
    const { engine: e, offered } = engine(hooks);
    const there = place(source, 'file:///ahead.ts');
    await e.readAhead(there);
    assert.deepEqual([asked, offered.length], [['file:///ahead.ts'], 0]);
    const running = e.complete(there, () => false, true);
    // A completion goes first.
    await e.readAhead(place(source, 'file:///later.ts'));
    assert.ok(await running);
    e.modelChanged(false);
    await e.readAhead(there);
    assert.ok(!asked.slice(2).includes('file:///ahead.ts'), 'without a model nothing is read');
  });

  it('lets the newest request win, while it waits and while the model runs', async () => {
    for (const debounce of [0, 20]) {
      const { engine: e, offered } = engine({}, debounce);
      const requests = ['one', 'two', 'three'].map((name) =>
        e.complete(place(source, `file:///${name}.ts`), () => false, false),
      );
      const results = await Promise.all(requests);
      assert.deepEqual(
        results.map((r) => r === null),
        [true, true, false],
      );
      assert.deepEqual(
        offered.map((o) => o.uri),
        ['file:///three.ts'],
      );
    }
  });

  it('offers nothing once it is cancelled', async () => {
    const { engine: e, offered } = engine();
    let cancelled = false;
    const running = e.complete(place(), () => cancelled, true);
    cancelled = true;
    assert.equal(await running, null);
    assert.equal(offered.length, 0);
  });

  it('never offers what was turned down here', async () => {
    const { engine: e, offered } = engine({ wasRejected: async () => true });
    assert.equal(await e.complete(place(), () => false, true), null);
    assert.equal(offered.length, 0);
  });

  it('does not offer from memory what was turned down since', async () => {
    let rejected = '';
    const { engine: e, offered } = engine({ wasRejected: async ({ text }) => text === rejected });
    const first = await e.complete(place(), () => false, true);
    rejected = first!.text;
    assert.equal(await e.complete(place(), () => false, true), null);
    assert.equal(
      await e
        .complete(place(source + rejected[0]), () => false, true)
        .then((r) => r?.completionId === first!.completionId),
      false,
    );
    assert.ok(offered.length >= 1);
  });

  it('reads a document with CRLF as one with LF, and offers its line breaks', async () => {
    const { engine: e, offered } = engine();
    const { engine: other } = engine();
    const lf = place(`${source}return this.count;\n  }\n\n  both(): void {`);
    const text = lf.text.replaceAll('\n', '\r\n');
    const crlf = { ...lf, text, offset: text.length - (lf.text.length - lf.offset) - 2 };
    assert.equal(text.slice(0, crlf.offset).replaceAll('\r\n', '\n'), lf.text.slice(0, lf.offset));
    const [one, two] = [
      await e.complete(crlf, () => false, true),
      await other.complete(lf, () => false, true),
    ];
    assert.ok(one && two);
    assert.ok(two.text.includes('\n'), JSON.stringify(two));
    assert.equal(one.text, two.text.replaceAll('\n', '\r\n'));
    assert.equal(offered[0]!.text, two.text);
    const typed = one.text.slice(0, 3);
    const further = {
      ...crlf,
      text: text.slice(0, crlf.offset) + typed + text.slice(crlf.offset),
      offset: crlf.offset + 3,
    };
    assert.equal((await e.complete(further, () => false, true))?.text, one.text.slice(3));
  });

  it('guesses from past corrections and from the document, and offers the same text', async () => {
    const languages: string[] = [];
    const long = `${'const unrelated = 0;\n'.repeat(300)}${source}`;
    const { engine: plain } = engine();
    const first = await plain.complete(place(long), () => false, true);
    const { engine: e } = engine({
      corrections: ({ languageId }) => {
        languages.push(languageId);
        return [`${source}${first!.text}`];
      },
    });
    const guessed = await e.complete(place(long), () => false, true);
    assert.equal(guessed?.text, first?.text);
    assert.deepEqual(languages, ['typescript']);
  });
});
