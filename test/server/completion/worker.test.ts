import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompletionWorker } from '../../../server/completion/worker-client';
import { ROOT } from '../../root';
import { bundle } from '../bundle';

const modelDir = join(ROOT, 'test/fixtures/golden/qwen2');
const open = { modelDir, device: 'cpu', threads: 1, precision: 'float32' } as const;
const place = {
  document: 'file:///a.ts',
  path: 'a.ts',
  languageId: 'typescript',
  prefix: 'export function add(a: number, b: number) {\n  return ',
  suffix: '\n}\n',
  feedback: null,
  lookups: [],
  maxTokens: 12,
};

describe('completion worker', function () {
  this.timeout(30_000);
  const troubles: string[] = [];
  let worker: CompletionWorker;

  before(async () => {
    worker = new CompletionWorker(await bundle('server/completion/worker.ts'), (message) =>
      troubles.push(message),
    );
  });
  after(() => worker.close());

  it('opens a model folder and tells what it is', async () => {
    const info = await worker.open(open);
    assert.equal(info.device, 'cpu');
    assert.equal(
      info.contextLength,
      JSON.parse(readFileSync(join(modelDir, 'config.json'), 'utf8')).max_position_embeddings,
    );
  });

  it('completes, and gives the ids and log-probs that training needs', async () => {
    const result = await worker.complete(place);
    assert.ok(result);
    assert.ok(result.promptIds.length > 10);
    assert.ok(result.responseIds.length > 0 && result.responseIds.length <= 12);
    assert.ok(result.logProbs.length >= result.responseIds.length);
    assert.ok(result.logProbs.every((logProb) => logProb <= 0));
  });

  it('reuses the cache when a character is typed', async () => {
    const longer = await worker.complete({ ...place, prefix: `${place.prefix}a` });
    assert.ok(longer);
    assert.ok(
      longer.reusedTokens > longer.promptIds.length / 2,
      `${longer.reusedTokens} of ${longer.promptIds.length}`,
    );
  });

  it('gives up reading ahead for a completion', async () => {
    const ahead = worker.readAhead({
      ...place,
      document: 'file:///other.ts',
      prefix: place.prefix.repeat(20),
    });
    const result = await worker.complete(place);
    await ahead;
    assert.ok(result && result.responseIds.length > 0);
  });

  it('lets the newest request win', async () => {
    const results = await Promise.all([
      worker.complete({ ...place, document: 'file:///b.ts', maxTokens: 64 }),
      worker.complete({ ...place, document: 'file:///c.ts', maxTokens: 64 }),
      worker.complete({ ...place, document: 'file:///d.ts' }),
    ]);
    assert.deepEqual(
      results.map((result) => result === null),
      [true, true, false],
    );
  });

  it('swaps the adapter between two completions, and back to the very same answer', async () => {
    const base = await worker.complete({ ...place, document: 'file:///e.ts' });
    await worker.setAdapter({ id: 7, path: join(modelDir, 'adapter') });
    const adapted = await worker.complete({ ...place, document: 'file:///e.ts' });
    await worker.setAdapter(null);
    const again = await worker.complete({ ...place, document: 'file:///e.ts' });
    assert.deepEqual([base?.adapter, adapted?.adapter, again?.adapter], [null, 7, null]);
    assert.notDeepEqual(adapted?.logProbs, base?.logProbs);
    assert.deepEqual(again?.responseIds, base?.responseIds);
    assert.deepEqual(again?.logProbs, base?.logProbs);
  });

  it('says in one sentence what is wrong with an adapter, and goes on', async () => {
    await assert.rejects(worker.setAdapter({ id: 8, path: join(modelDir, 'nowhere') }), /nowhere/);
    assert.ok(await worker.complete(place));
  });

  it('rejects a folder that holds no model, and opens another one after it', async () => {
    await assert.rejects(worker.open({ ...open, modelDir: join(modelDir, 'adapter') }), /config\.json/);
    assert.ok((await worker.open(open)).hash);
    assert.deepEqual(troubles, []);
  });

  it('answers with the model before until the other is ready, and goes on with it where that cannot be opened', async () => {
    const first = await worker.open(open);
    const opening = worker.open({ ...open, modelDir: join(ROOT, 'media/model') });
    const meanwhile = await worker.complete(place);
    assert.equal(meanwhile?.modelHash, first.hash);
    const second = await opening;
    assert.notEqual(second.hash, first.hash);
    assert.equal((await worker.complete(place))?.modelHash, second.hash);
    await assert.rejects(worker.open({ ...open, modelDir: join(modelDir, 'adapter') }), /config\.json/);
    assert.equal((await worker.complete(place))?.modelHash, second.hash);
  });

  it('keeps the newest of two models that are asked for at once, and leaves no second worker', async () => {
    const [first, second] = await Promise.allSettled([
      worker.open({ ...open, modelDir: join(ROOT, 'media/model') }),
      worker.open(open),
    ]);
    assert.equal(first.status, 'rejected');
    assert.ok(second.status === 'fulfilled');
    const completed = await worker.complete(place);
    assert.equal(completed?.modelHash, second.value.hash);
  });

  it('rejects what waits when it is closed: nothing hangs', async () => {
    const waiting = [
      worker.complete({ ...place, document: 'file:///z.ts', maxTokens: 64 }),
      worker.setAdapter({ id: 7, path: join(modelDir, 'adapter') }),
      worker.setAdapter(null),
    ];
    const results = Promise.allSettled(waiting);
    await worker.close();
    for (const result of await results) {
      assert.equal(result.status, 'rejected');
      assert.match(String((result as PromiseRejectedResult).reason), /The model was closed\./);
    }
    const opening = worker.open(open);
    const rejected = assert.rejects(opening, /closed/);
    // Once the thread has been started, and before it has read the model.
    await new Promise((resolve) => setTimeout(resolve, 10));
    await worker.close();
    await rejected;
    assert.deepEqual(troubles, []);
    await worker.open(open);
  });

  it('copies guesses from other texts: fewer runs of the model, the same text', async () => {
    await worker.open({ ...open, modelDir: join(ROOT, 'media/model') });
    const prefix = 'export class Counter {\n  private count = 0;\n\n  increment(): void {\n    ';
    const plain = await worker.complete({ ...place, prefix, document: 'file:///l.ts', maxTokens: 40 });
    const earlier = `${prefix}${plain!.text}`;
    const guessed = await worker.complete({
      ...place,
      prefix,
      document: 'file:///m.ts',
      maxTokens: 40,
      lookups: ['let unrelated = 1;', earlier],
    });
    assert.deepEqual(guessed!.responseIds, plain!.responseIds);
    assert.ok(plain!.responseIds.length > 8, `${plain!.responseIds.length} tokens`);
    assert.ok(guessed!.runs < 0.6 * plain!.runs, `${guessed!.runs} runs, ${plain!.runs} without guesses`);
  });

  it('offers something else where the best guess is the line below', async () => {
    // Opened above `return null;`, which is the embedded model's best guess there.
    const file = join(ROOT, 'test/workspaces/sample/src/orders.js');
    const [above, below] = readFileSync(file, 'utf8').split(/(?<=if \(!id\) \{)/);
    const at = { ...place, languageId: 'javascript', path: 'src/orders.js', maxTokens: 40 };
    const other = await worker.complete({
      ...at,
      prefix: `${above}\n    `,
      suffix: below!,
      document: 'b.js',
    });
    assert.ok(other?.text?.trim());
    assert.notEqual(other?.text?.trim(), 'return null;');
  });
});
