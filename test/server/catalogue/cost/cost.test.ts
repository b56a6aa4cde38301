import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bestModel } from '../../../../server/catalogue/cost/best';
import { costOf } from '../../../../server/catalogue/cost/estimate';
import { knownSpeed, measureSpeed } from '../../../../server/catalogue/cost/probe';
import { listModels } from '../../../../server/catalogue/list';
import type { ModelWork } from '../../../../server/model/inspect';
import { costSentence } from '../../../../server/protocol/cost';
import { removeFolders, temporaryFolder } from '../../model/folders';
import { golden } from '../../model/golden';

// What the probe said on two shared cores where the figures below were measured.
const speed = { prompt: { 4: 131e9, 8: 146e9, 32: 82e9 }, token: { 4: 42e9, 8: 16.5e9, 32: 6e9 } };
const smol: ModelWork = { parameters: 134.5e6, embedding: 28.3e6, layers: 30, bits: 4 };

describe('what a model costs here', () => {
  after(removeFolders);

  it('is measured once on this machine, kept, and measured again when it is old, of another machine or spoilt', async function () {
    this.timeout(60_000);
    const file = join(temporaryFolder(), 'new', 'machine.json');
    assert.equal(knownSpeed(file), undefined);
    const measured = await measureSpeed(file);
    for (const rates of [measured.prompt, measured.token])
      for (const rate of Object.values(rates)) assert.ok(rate > 1e7 && rate < 1e14, `${rate} a second`);
    // A prompt reads its weights once for many tokens.
    assert.ok(measured.prompt[32] > measured.token[32]);
    assert.deepEqual(knownSpeed(file)!.prompt, measured.prompt);
    assert.equal(knownSpeed(file, Date.now() + 31 * 24 * 3600e3), undefined);
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    for (const spoilt of [{ ...kept, machine: 'another' }, { ...kept, token: { 4: 1, 8: null } }, 7, null]) {
      writeFileSync(file, JSON.stringify(spoilt));
      assert.equal(knownSpeed(file), undefined);
    }
    writeFileSync(file, '{"prompt":');
    assert.equal(knownSpeed(file), undefined);
  });

  it('goes by the sizes of the model and the speed of the machine', () => {
    const { firstLineMs, roundMinutes } = costOf(smol, speed);
    // SmolLM2 where the probe says this: 590 ms for 448 tokens, 18 ms a token, a round of 90 s at its limit.
    assert.ok(firstLineMs > 500 && firstLineMs < 1500, `${firstLineMs} ms`);
    assert.ok(roundMinutes > 1 && roundMinutes < 3, `${roundMinutes} min`);
    const double = { prompt: { 4: 262e9, 8: 292e9, 32: 164e9 }, token: { 4: 84e9, 8: 33e9, 32: 12e9 } };
    assert.ok(costOf(smol, double).firstLineMs < firstLineMs);
    assert.equal(costOf(smol, double).roundMinutes, roundMinutes / 2);
    assert.ok(costOf({ ...smol, parameters: 1.5e9 }, speed).firstLineMs > 4 * firstLineMs);
  });

  it('is told of each model that runs, where the machine was measured', () => {
    const machine = { platform: 'linux' as const, home: temporaryFolder(), env: {} };
    const own = [
      { name: 'tiny', path: golden('qwen2') },
      { name: 'none', path: join(machine.home, 'nothing') },
    ];
    const [tiny, none] = listModels(own, machine, { precision: 'auto' }, speed).models;
    assert.ok(tiny!.cost!.firstLineMs > 0);
    assert.equal(none!.cost, null);
    assert.equal(listModels(own, machine).models[0]!.cost, null);
  });

  it('is told in words, as an estimate', () => {
    const say = (firstLineMs: number, roundMinutes: number) => costSentence({ firstLineMs, roundMinutes });
    assert.equal(say(43, 0.4), 'about 40 ms to a first line, 20 s a training round');
    assert.equal(say(777, 0.96), 'about 800 ms to a first line, 1 min a training round');
    assert.equal(say(2460, 16.6), 'about 2.5 s to a first line, 17 min a training round');
    assert.equal(say(0.2, 0.01), 'about 10 ms to a first line, 10 s a training round');
  });
});

describe('the best choice', () => {
  const model = (size: number, firstLineMs: number | null, change: object = {}) => ({
    runs: true as true | string,
    store: 'ollama' as const,
    size,
    fillInTheMiddle: true,
    cost: firstLineMs === null ? null : { firstLineMs, roundMinutes: 1 },
    ...change,
  });
  const embedded = model(6e6, 30, { store: 'hindsight' });
  const chosen = (...models: ReturnType<typeof model>[]) => bestModel(models);

  it('is the largest that is fast here and reads both sides', () => {
    const [small, right, slow] = [model(5e8, 500), model(1.6e9, 1400), model(3e9, 2600)];
    const left = model(1.9e9, 900, { fillInTheMiddle: false });
    const broken = model(1.5e9, 100, { runs: 'The architecture gemma is not known.' });
    const best = chosen(small, right, slow, left, broken, embedded)!;
    assert.equal(best.model, right);
    assert.match(
      best.why,
      /both sides of the cursor, and it is the largest that writes a first line within 1\.5 s/,
    );
  });

  it('is the fastest where all are slow, one that reads one side where nothing else is there, else none', () => {
    const [seven, three] = [model(8e9, 9000), model(3e9, 2600)];
    assert.equal(chosen(seven, three)!.model, three);
    assert.match(chosen(seven, three)!.why, /fastest of those here, all of them slow/);
    const left = model(1e8, 700, { fillInTheMiddle: false });
    assert.equal(chosen(embedded, left)!.model, left);
    assert.match(chosen(embedded, left)!.why, /none here/);
    assert.equal(chosen(embedded, model(1e9, 1, { runs: 'no' })), null);
  });

  it('goes by the size where the machine was not measured', () => {
    const [right, large] = [model(1.6e9, null), model(8e9, null)];
    assert.equal(chosen(large, right)!.model, right);
    assert.match(chosen(large, right)!.why, /small enough/);
  });
});
