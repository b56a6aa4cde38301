import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { benchJob } from '../../../server/bench/learning/job';
import { complete } from '../../../server/completion/complete';
import { RecallMemory } from '../../../server/completion/recall-memory';
import { scoreOffer } from '../../../server/completion/score-offer';
import { stackAdapters } from '../../../server/exchange/stack';
import { causeOf, type Likelihood, sumOf } from '../../../server/learning/why';
import { loadAdapter, openModel, saveAdapter } from '../../../server/model/open';
import type { Adapter, Model } from '../../../server/model/types';
import { RuleKeeper } from '../../../server/services/rules';
import { whyThis } from '../../../server/services/why';
import type { CompletionRecord } from '../../../server/store/records';
import type { FeedbackStore } from '../../../server/store/store';
import { Grammars } from '../../../server/syntax/grammars';
import { byDefault } from '../../../server/training/objectives/default';
import { AdapterFolder } from '../../../server/training/round/adapter-folder';
import { readReplayPool } from '../../../server/training/round/replay-pool';
import { roundOptions } from '../../../server/training/round-options';
import { runRound } from '../../../server/training/trainer/run-round';
import { type Place, samplePlaces } from '../../bench/learning/places';
import { ROOT } from '../../root';
import { completion, learningEvent } from '../store/records';
import { storage } from '../training/fixtures';

describe('the cause of a likelihood', () => {
  const one = (given: Partial<Likelihood>): Likelihood => ({
    base: -4,
    adapter: null,
    recall: null,
    both: null,
    before: null,
    ...given,
  });

  it('is what gained most, beside the other too', () => {
    assert.equal(causeOf(one({})), 'base');
    assert.equal(causeOf(one({ adapter: -3.5 })), 'base', 'less than twice as likely');
    assert.equal(causeOf(one({ adapter: -9 })), 'base', 'made less likely');
    assert.equal(causeOf(one({ adapter: -1 })), 'adapter');
    assert.equal(causeOf(one({ recall: -1 })), 'recall');
    assert.equal(causeOf(one({ adapter: -2, recall: -0.5, both: -0.2 })), 'recall');
    assert.equal(causeOf(one({ adapter: -0.5, recall: -2, both: -0.2 })), 'adapter');
    // Alone recall does nothing; beside the adapter it does.
    assert.equal(causeOf(one({ adapter: -3.9, recall: -4, both: -0.1, base: -4 })), 'adapter');
  });

  it('tells the imported adapter from the one before it', () => {
    assert.equal(causeOf(one({ before: -1, adapter: -0.5 })), 'adapter');
    assert.equal(causeOf(one({ before: -3.5, adapter: -0.5 })), 'imported');
  });

  it('of a text is that of the sums', () => {
    const sum = sumOf([one({ adapter: -1 }), one({ adapter: -2, base: -1 })]);
    assert.deepEqual(sum, { base: -5, adapter: -3, recall: null, both: null, before: null });
  });
});

describe('why this offer', function () {
  this.timeout(240_000);
  let model: Model;
  let home: Awaited<ReturnType<typeof storage>>;
  let store: FeedbackStore;
  const places = samplePlaces();
  const elsewhere = places[8]!;
  let learned: Adapter;

  before(async () => {
    model = await openModel(path.join(ROOT, 'media/model'));
    home = await storage();
    store = home.store;
    for (const [i, place] of places.slice(0, 6).entries()) {
      const id = `corrected-${i}`;
      const { prefix, suffix, file } = place;
      const at = { prefix, suffix, path: file, languageId: 'javascript', uri: `file:///w/${file}` };
      await store.completions.insert(completion(id, { ...at, createdAt: 1000 + i, line: i }));
      await store.events.put({
        ...learningEvent(id, { completionId: id, text: 'return null;', solution: place.right }),
        ...at,
      });
    }
  });
  after(async () => {
    await home.close();
    await model.close();
  });

  /** Made by the model as the editor would have it, and stored. */
  async function offer(
    id: string,
    place: Place,
    feedback: string | null,
    used: { id: number; adapter: Adapter } | null,
  ) {
    const decoder = await model.decoder();
    decoder.setAdapter(used?.adapter ?? null);
    const { file, prefix, suffix } = place;
    const at = { path: file, languageId: 'javascript', prefix, suffix };
    const made = await complete(
      { model, decoder, grammars: new Grammars() },
      { ...at, document: id, feedback, lookups: [], maxTokens: 40 },
    );
    await decoder.close();
    const record: CompletionRecord = {
      ...completion(id),
      ...at,
      createdAt: Date.now(),
      responseIds: made.responseIds,
      text: made.text ?? made.raw,
      modelHash: model.hash,
      adapter: used?.id ?? null,
    };
    await store.completions.insert(record);
    return record;
  }

  async function why(completionId: string | null, recalls = true) {
    const recall = new RecallMemory(store);
    await recall.load();
    const rules = new RuleKeeper(store);
    const scorer = await model.scorer();
    try {
      return await whyThis(
        {
          store,
          rules,
          recall,
          recalls,
          storagePath: home.folder,
          maxTokens: 40,
          modelHash: model.hash,
          score: ({ adapter, last: _last, ...asked }) =>
            scoreOffer(model, scorer, adapter && loadAdapter(adapter.path), asked),
        },
        completionId,
      );
    } finally {
      await scorer.close();
    }
  }

  const register = async (adapter: Adapter, parent: number | null, message: string) => {
    const round = await store.rounds.start(Date.now(), 0);
    await store.rounds.update({ ...round, state: 'promoted', message });
    const folder = new AdapterFolder(home.folder);
    mkdirSync(path.join(home.folder, 'adapters'), { recursive: true });
    await saveAdapter(adapter, folder.unfinished(round.id));
    const directory = await folder.accept(round.id);
    const record = {
      createdAt: Date.now(),
      roundId: round.id,
      modelHash: model.hash,
      hash: adapter.hash,
      directory,
    };
    return store.adapters.register({ ...record, parent }, []);
  };

  it('is the base model, where nothing was learned that says it', async () => {
    const { text } = await offer('plain', elsewhere, null, null);
    const found = await why(null, false);
    assert.deepEqual([found.completionId, found.text, found.cause], ['plain', text, 'base']);
    assert.match(found.sentence, /^The base model's own/);
    assert.equal(found.tokens.map(({ token }) => token).join(''), text);
    assert.ok(found.tokens.every(({ advantage, cause }) => advantage === 0 && cause === 'base'));
  });

  it('is the rule whose correction was recalled', async () => {
    const recall = new RecallMemory(store);
    await recall.load();
    const feedback = recall.recall({ languageId: 'javascript', prefix: elsewhere.prefix });
    const { text } = await offer('recalled', elsewhere, feedback, null);
    assert.match(text, /^lg\.emit\(Level\.Warn, '/, 'the model copies what is recalled');
    const found = await why('recalled');
    assert.equal(found.cause, 'recall');
    assert.match(
      found.sentence,
      /^Raised by your rule “lg\.emit\(Level\.Warn, '\$x', \{ \$y \}\)”, recalled from src\/\w+\.js:\d\.$/,
    );
    assert.ok(found.with > 10 * found.without);
    assert.match(found.correction!.completionId, /^corrected-\d$/);
    assert.ok(found.tokens.some(({ cause, advantage }) => cause === 'recall' && advantage > 1));
    assert.ok(found.tokens.every(({ adapterLogProb }) => adapterLogProb === null));
  });

  it('is no correction from after it', async () => {
    const first = { ...(await offer('early', elsewhere, null, null)), id: 'earlier', createdAt: 10 };
    await store.completions.insert(first);
    assert.equal((await why('earlier')).cause, 'base');
  });

  it('is the rule that the adapter learned', async () => {
    const events = await store.events.list({ statuses: ['ready'], limit: 10 });
    assert.equal(events.length, 6);
    const pool = await readReplayPool(path.join(ROOT, 'media/model/replay.json'), [], 1);
    const options = { ...roundOptions(60, events.length), maxSteps: 24, maxSeconds: 60 };
    const job = benchJob({ objective: byDefault, options, events }, pool, home.folder);
    learned = (await runRound(model, job)).adapter;
    for (const event of events) await store.events.settle(event, 'trained', null);
    const id = await register(learned, null, 'Trained.');
    const { text } = await offer('learned', elsewhere, null, { id, adapter: learned });
    assert.match(text, /^lg\.emit/, 'the adapter has learned it');
    const found = await why('learned');
    assert.equal(found.cause, 'adapter');
    assert.match(found.sentence, new RegExp(`, which adapter ${id} learned from 6 corrections\\.$`));
    assert.ok(found.rule);
  });

  it('is the imported adapter, where that and not the one beside it raised the text', async () => {
    // One's own, which has learned nothing yet: the same with its change taken back.
    const tensors = new Map(
      [...learned.tensors].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((v) => v * 0.01) },
      ]),
    );
    const own = await register({ ...learned, tensors }, null, 'Trained.');
    const weak = loadAdapter(new AdapterFolder(home.folder).absolute((await store.adapters.all()).at(-1)!));
    const both = stackAdapters(weak, learned);
    const id = await register(both, own, 'Imported adapter. Judged.');
    await offer('imported', elsewhere, null, { id, adapter: both });
    assert.equal((await why('imported')).cause, 'imported');
    const other = stackAdapters(learned, weak);
    const first = await register(learned, null, 'Trained.');
    const second = await register(other, first, 'Imported adapter. Judged.');
    await offer('own', elsewhere, null, { id: second, adapter: other });
    assert.equal((await why('own')).cause, 'adapter');
  });

  it('is said in one sentence where it cannot be said', async () => {
    await store.completions.insert(completion('other', { modelHash: 'another' }));
    await assert.rejects(why('other'), /Another model made this offer/);
    await assert.rejects(why('none'), /no offer whose code is still stored/);
    await store.completions.insert(completion('gone', { modelHash: model.hash, adapter: 99 }));
    await assert.rejects(why('gone'), /Adapter 99, which made this offer, is no longer there/);
  });
});
