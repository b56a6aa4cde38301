import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type FolderModel, loadAdapter, openModel } from '../../../../server/model/open';
import type { SessionDecoder } from '../../../../server/model/runtime/decoder';
import type { Decoder, GenerateRequest } from '../../../../server/model/types';
import { compare, expectedTensors, golden, goldenNames } from '../golden';

const prompt = expectedTensors('qwen2').ids('long_ids');
const request = (more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  prompt,
  maxTokens: 12,
  stopIds: [],
  ...more,
});

describe('decoder', () => {
  let model: FolderModel;
  let decoder: Decoder;

  before(async () => {
    model = await openModel(golden('qwen2'));
    decoder = await model.decoder();
  });
  after(() => model.close());

  for (const name of goldenNames) {
    it(`gives the log-probs that scoring gives, with the adapter on and off (${name})`, async () => {
      const one = await openModel(golden(name));
      const [d, scorer] = [await one.decoder(), await one.scorer()];
      for (const adapter of [null, loadAdapter(join(golden(name), 'adapter')), null]) {
        d.setAdapter(adapter);
        const { ids, logProbs } = await d.generate(request({ cacheKey: 'a' }));
        const scored = await scorer.score(prompt, ids, adapter, 3);
        assert.ok(compare(logProbs, scored.logProbs).error < 1e-4);
        for (const [t, id] of ids.entries()) assert.equal(scored.topIds[3 * t], id);
      }
      await one.close();
    });
  }

  it('keeps one compiled model in memory where only one is wanted, whichever adapter comes', async () => {
    const one = await openModel(golden('qwen2'));
    const [d, both] = [
      (await one.decoder({ onlyOneSession: true })) as SessionDecoder,
      (await one.decoder()) as SessionDecoder,
    ];
    for (const adapter of [null, loadAdapter(join(golden('qwen2'), 'adapter')), null]) {
      for (const each of [d, both]) each.setAdapter(adapter);
      const [alone, beside] = [await d.generate(request()), await both.generate(request())];
      assert.deepEqual(alone.ids, beside.ids);
      assert.equal(d.openSessions, 1);
    }
    assert.equal(both.openSessions, 2);
    await one.close();
  });

  it('reuses what two prompts share and gives the same text as from scratch', async () => {
    const fresh = await decoder.generate(request());
    assert.equal(fresh.reusedTokens, 0);
    await decoder.generate(request({ prompt: prompt.slice(0, 30), cacheKey: 'doc' }));
    const longer = await decoder.generate(request({ cacheKey: 'doc' }));
    assert.equal(longer.reusedTokens, 30);
    assert.deepEqual(longer.ids, fresh.ids);
    assert.ok(compare(longer.logProbs, fresh.logProbs).error < 1e-4);
    const edited = [...prompt.slice(0, 20), 5, ...prompt.slice(21)];
    const elsewhere = await decoder.generate(request({ prompt: edited, cacheKey: 'doc' }));
    assert.equal(elsewhere.reusedTokens, 20);
    assert.deepEqual(elsewhere.ids, (await decoder.generate(request({ prompt: edited }))).ids);
    const same = await decoder.generate(request({ prompt: edited, cacheKey: 'doc' }));
    assert.equal(same.reusedTokens, edited.length - 1);
    assert.deepEqual(same.ids, elsewhere.ids);
  });

  it('keeps its cache as it grows, for prompts longer than one run', async () => {
    const long = Array.from({ length: 420 }, (_, i) => (i * 7) % 400);
    const fresh = await decoder.generate(request({ prompt: long, maxTokens: 20 }));
    await decoder.generate(request({ prompt: long.slice(0, 100), maxTokens: 1, cacheKey: 'grow' }));
    const grown = await decoder.generate(request({ prompt: long, maxTokens: 20, cacheKey: 'grow' }));
    assert.equal(grown.reusedTokens, 100);
    assert.deepEqual(grown.ids, fresh.ids);
  });

  it('keeps one cache for each document', async () => {
    await decoder.generate(request({ cacheKey: 'one' }));
    await decoder.generate(request({ prompt: prompt.slice(5), cacheKey: 'two' }));
    assert.equal((await decoder.generate(request({ cacheKey: 'one' }))).reusedTokens, prompt.length - 1);
  });

  it('stops at a stop token, whose log-prob it reports and whose id it leaves out', async () => {
    const free = await decoder.generate(request());
    const stop = free.ids[4]!;
    const first = free.ids.indexOf(stop);
    const stopped = await decoder.generate(request({ stopIds: [stop] }));
    assert.deepEqual(stopped.ids, free.ids.slice(0, first));
    assert.equal(stopped.reason, 'stop');
    assert.equal(stopped.logProbs.length, first + 1);
  });

  it('stops where the caller says so, and after the most tokens', async () => {
    const seen: number[] = [];
    const asked = await decoder.generate(request({ onToken: (id) => seen.push(id) === 3 }));
    assert.deepEqual([asked.reason, asked.ids], ['caller', seen]);
    assert.equal((await decoder.generate(request({ maxTokens: 2 }))).reason, 'length');
  });

  it('never samples a banned token', async () => {
    const free = await decoder.generate(request());
    const banned = await decoder.generate(request({ bannedIds: [free.ids[0]!] }));
    assert.ok(!banned.ids.includes(free.ids[0]!));
  });

  it('begins with no token that is banned at first, but may go on with it', async () => {
    const { ids } = await decoder.generate(request());
    const other = await decoder.generate(request({ bannedFirstIds: [ids[0]!] }));
    assert.notEqual(other.ids[0], ids[0]);
    // Read behind the other's first token, nothing is banned any more.
    const prompt = [...request().prompt, other.ids[0]!];
    const rest = await decoder.generate(request({ prompt, maxTokens: other.ids.length - 1 }));
    assert.deepEqual(other.ids.slice(1), rest.ids);
  });

  it('stops within one run once cancelled', async () => {
    const controller = new AbortController();
    const onToken = (_: number, ids: readonly number[]) => {
      if (ids.length === 2) controller.abort();
      return false;
    };
    const { reason, ids } = await decoder.generate(
      request({ maxTokens: 300, signal: controller.signal, onToken }),
    );
    assert.equal(reason, 'cancelled');
    assert.equal(ids.length, 2);
    const late = new AbortController();
    const timed = decoder.generate(request({ maxTokens: 400, signal: late.signal }));
    setTimeout(() => late.abort(), 5);
    assert.equal((await timed).reason, 'cancelled');
  });

  it('reads a long prompt in parts, and stops between two of them', async () => {
    const long = Array.from({ length: 420 }, (_, i) => (i * 11) % 400);
    let asked = 0;
    const signal = {
      get aborted() {
        asked += 1;
        return asked > 1;
      },
    } as AbortSignal;
    const stopped = await decoder.generate(request({ prompt: long, cacheKey: 'parts', signal }));
    assert.deepEqual([stopped.reason, stopped.runs, stopped.ids], ['cancelled', 0, []]);
    // What was read until then is not lost.
    const again = await decoder.generate(request({ prompt: long, cacheKey: 'parts' }));
    assert.equal(again.reusedTokens, 256);
    assert.deepEqual(again.ids, (await decoder.generate(request({ prompt: long }))).ids);
  });

  it('takes no drafts where none are wanted', async () => {
    const plain = await decoder.generate(request({ maxTokens: 30, speculate: false }));
    assert.equal(plain.runs, 30);
    const lookups = [[...prompt, ...plain.ids]];
    const still = await decoder.generate(request({ maxTokens: 30, lookups, speculate: false }));
    assert.deepEqual([still.runs, still.ids], [30, plain.ids]);
  });

  it('samples the same text for a seed, and other text for another', async () => {
    const sampled = (seed: number) => decoder.generate(request({ temperature: 1, topP: 0.9, seed }));
    const [a, b, c] = [await sampled(1), await sampled(1), await sampled(2)];
    assert.deepEqual(a.ids, b.ids);
    assert.notDeepEqual(a.ids, c.ids);
  });

  it('gives in a batch what it gives one by one', async () => {
    const requests = [
      request({ temperature: 0.8, seed: 3 }),
      request({ prompt: prompt.slice(0, 9), maxTokens: 5 }),
      request({ prompt: prompt.slice(4), temperature: 1, seed: 9, maxTokens: 20 }),
    ];
    const batch = await decoder.generateBatch(requests);
    for (const [i, one] of requests.entries()) {
      const alone = await decoder.generate(one);
      assert.deepEqual(batch[i]!.ids, alone.ids);
      assert.ok(compare(batch[i]!.logProbs, alone.logProbs).error < 1e-4);
      assert.equal(batch[i]!.reason, alone.reason);
    }
  });

  it('goes on from what a response begins with, alone and in a batch, and leaves the cache of its prompt', async () => {
    const whole = await decoder.generate(request({ cacheKey: 'begun' }));
    const rest = request({ begun: whole.ids.slice(0, 5), maxTokens: 7, cacheKey: 'begun' });
    const other = request({ begun: [3, 4], maxTokens: 7, cacheKey: 'begun' });
    const batch = await decoder.generateBatch([rest, other]);
    assert.deepEqual(batch[0]!.ids, whole.ids.slice(5));
    assert.ok(compare(batch[0]!.logProbs, whole.logProbs.slice(5)).error < 1e-4);
    const again = await decoder.generate(request({ cacheKey: 'begun' }));
    assert.equal(again.reusedTokens, prompt.length - 1);
    for (const [i, one] of [rest, other].entries()) {
      const alone = await decoder.generate({ ...one, cacheKey: undefined });
      assert.deepEqual(batch[i]!.ids, alone.ids);
    }
  });

  it('tells what else might have been taken, likeliest first, and nothing of what may not', async () => {
    const plain = await decoder.generate(request({ alternatives: 2 }));
    assert.deepEqual(plain.ids, (await decoder.generate(request())).ids);
    assert.equal(plain.alternatives!.length, plain.ids.length);
    for (const [t, others] of plain.alternatives!.entries()) {
      assert.equal(others.length, 2);
      const order = [plain.logProbs[t]!, ...others.map(({ logProb }) => logProb)];
      assert.deepEqual(
        order,
        [...order].sort((a, b) => b - a),
      );
      assert.ok(others.every(({ id }) => id !== plain.ids[t]));
    }
    const [first] = plain.alternatives![0]!;
    const banned = await decoder.generate(request({ bannedFirstIds: [plain.ids[0]!], maxTokens: 1 }));
    assert.equal(banned.ids[0], first!.id);
    assert.ok(Math.abs(banned.logProbs[0]! - first!.logProb) < 1e-4);
    const only = await decoder.generate(request({ allowedIds: () => [7, 9], alternatives: 5, maxTokens: 1 }));
    assert.deepEqual([only.ids[0], ...only.alternatives![0]!.map(({ id }) => id)].sort(), [7, 9]);
  });

  it('says how likely given texts are as scoring does, with what is in the cache and without', async () => {
    const scorer = await model.scorer();
    const { ids } = await decoder.generate(request({ cacheKey: 'likely' }));
    const long = Array.from({ length: 300 }, (_, i) => (i * 5) % 400);
    const responses = [
      { ids, from: 0 },
      { ids: [...ids.slice(0, 6), 1, 2, 3], from: 6 },
      { ids: long, from: 280 },
      { ids: [5], from: 0 },
      { ids: [5], from: 1 },
    ];
    const known = (await decoder.likelihoods({ prompt, cacheKey: 'likely', responses }))!;
    const fresh = (await decoder.likelihoods({ prompt, responses }))!;
    for (const [i, { ids: of, from }] of responses.entries()) {
      const { logProbs } = await scorer.score(prompt, of, null, 0);
      assert.equal(known[i]!.length, of.length - from);
      if (from === of.length) continue;
      assert.ok(compare(known[i]!, logProbs.slice(from)).error < 1e-4);
      assert.ok(compare(fresh[i]!, logProbs.slice(from)).error < 1e-4);
    }
    assert.deepEqual((await decoder.generate(request({ cacheKey: 'likely' }))).ids, ids);
    const signal = AbortSignal.abort();
    assert.equal(await decoder.likelihoods({ prompt, responses, signal }), null);
    await assert.rejects(
      decoder.likelihoods({ prompt, responses: [{ ids: [413], from: 0 }] }),
      /Token 413 is outside/,
    );
  });

  it('takes drafts from other texts: fewer runs where they are right, the same text always', async () => {
    // A prompt without repetition, so that only the given texts lead to drafts.
    const plain = await decoder.generate(request({ maxTokens: 30 }));
    const right = await decoder.generate(request({ maxTokens: 30, lookups: [[...prompt, ...plain.ids]] }));
    assert.deepEqual(right.ids, plain.ids);
    assert.ok(compare(right.logProbs, plain.logProbs).error < 1e-4);
    assert.ok(right.runs < 10 && right.runs < plain.runs, `${right.runs} runs`);
    const wrong = [...prompt, ...plain.ids].flatMap((id, i) => (i % 5 === 4 ? [id, 1] : [id]));
    const misled = await decoder.generate(request({ maxTokens: 30, lookups: [wrong], cacheKey: 'guess' }));
    assert.deepEqual(misled.ids, plain.ids);
    const after = await decoder.generate(
      request({ prompt: [...prompt, ...plain.ids.slice(0, 9)], cacheKey: 'guess' }),
    );
    assert.equal(after.reusedTokens, prompt.length + 8);
    assert.deepEqual(after.ids, plain.ids.slice(9, 21));
  });

  it('stops at the same token when it was drafted together with others', async () => {
    const plain = await decoder.generate(request({ maxTokens: 30 }));
    const stop = plain.ids.find((id, i) => i >= 8 && plain.ids.indexOf(id) === i)!;
    const lookups = [[...prompt, ...plain.ids]];
    const stopped = await decoder.generate(request({ maxTokens: 30, lookups, stopIds: [stop] }));
    assert.deepEqual(stopped.ids, plain.ids.slice(0, plain.ids.indexOf(stop)));
    assert.equal(stopped.logProbs.length, stopped.ids.length + 1);
    assert.deepEqual(
      (await decoder.generate(request({ maxTokens: 10, lookups }))).ids,
      plain.ids.slice(0, 10),
    );
  });

  it('runs requests that come at once one after the other', async () => {
    const alone = await decoder.generate(request());
    const several = await Promise.all([1, 2, 3].map(() => decoder.generate(request({ cacheKey: 'same' }))));
    for (const one of several) assert.deepEqual(one.ids, alone.ids);
  });

  it('refuses an empty prompt and ids outside the vocabulary, and goes on', async () => {
    await assert.rejects(decoder.generate(request({ prompt: [] })), /prompt is empty/);
    await assert.rejects(decoder.generate(request({ prompt: [1, 413] })), /Token 413 is outside/);
    await assert.rejects(
      decoder.generate(request({ prompt: [1, undefined as unknown as number] })),
      /outside/,
    );
    assert.equal((await decoder.generate(request())).ids.length, 12);
  });

  it('refuses the adapter of another model, and goes on without it', async () => {
    decoder.setAdapter(loadAdapter(join(golden('starcoder2'), 'adapter')));
    await assert.rejects(decoder.generate(request()), /made for another model/);
    decoder.setAdapter(null);
    assert.equal((await decoder.generate(request())).ids.length, 12);
  });
});

describe('scorer', () => {
  it('gives the entropy and the likeliest tokens of its own logits', async () => {
    const model = await openModel(golden('qwen2'));
    const scorer = await model.scorer();
    const response = [7, 8, 9];
    const logits = await scorer.logits(prompt, response, null);
    const { entropy, topIds, topLogProbs, logProbs } = await scorer.score(prompt, response, null, 5);
    for (let t = 0; t < 3; t++) {
      const row = [...logits.slice(t * 413, (t + 1) * 413)];
      const normaliser = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
      const own = row.map((z) => z - normaliser);
      assert.ok(Math.abs(entropy[t]! + own.reduce((sum, l) => sum + l * Math.exp(l), 0)) < 1e-4);
      assert.ok(Math.abs(logProbs[t]! - own[response[t]!]!) < 1e-5);
      const order = own.map((_, i) => i).sort((a, b) => own[b]! - own[a]!);
      assert.deepEqual([...topIds.slice(5 * t, 5 * t + 5)], order.slice(0, 5));
      assert.ok(
        compare(
          topLogProbs.slice(5 * t, 5 * t + 5),
          order.slice(0, 5).map((i) => own[i]!),
        ).error < 1e-5,
      );
    }
    assert.equal((await scorer.score(prompt, [], null, 3)).logProbs.length, 0);
    await assert.rejects(scorer.score([], response, null, 0), /prompt is empty/);
    await model.close();
  });
});
