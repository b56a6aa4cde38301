import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { batches, random } from '../../../server/base/random';
import { mixAdapters } from '../../../server/bench/objectives/mix-adapters';
import { freshAdapter } from '../../../server/model/adapter';
import { openModel } from '../../../server/model/open';
import type { Adapter } from '../../../server/model/types';
import { defaultSettings } from '../../../server/protocol/settings';
import type { LearningEvent } from '../../../server/store/records';
import { withoutPrecedents } from '../../../server/training/augment/precedents';
import { NameSource, renamed, sharedNames } from '../../../server/training/augment/rename';
import { checkVitals, controlEvent } from '../../../server/training/gates/gates';
import { findLeak } from '../../../server/training/gates/leak';
import { likeness } from '../../../server/training/gates/likeness';
import { bootstrapLowerBound, type Evidence, judge } from '../../../server/training/gates/promotion';
import { shrinkToFit } from '../../../server/training/gates/shrink';
import { AdapterFolder } from '../../../server/training/round/adapter-folder';
import { gather, isUseful, screenSecrets } from '../../../server/training/round/gather';
import { readReplayPool } from '../../../server/training/round/replay-pool';
import { splitHeldOut } from '../../../server/training/round/split';
import { linuxBattery, type Moment, whyNotNow } from '../../../server/training/schedule';
import { schedule } from '../../../server/training/trainer/loop';
import type { Prepared } from '../../../server/training/trainer/prepare';
import { event } from '../learning/events';
import { goldenFolder } from '../learning/golden';
import { capture, corrections, storage, writeReplay } from './fixtures';

describe('promotion', () => {
  const scores = (gains: number[]) => gains.map((gain, i) => ({ eventId: i, before: -2, after: -2 + gain }));
  const evidence = (change: Partial<Evidence>): Evidence => ({
    heldOut: scores([0.5, 0.7, 0.9, 0.4]),
    bitsBefore: 1.2,
    bitsAfter: 1.201,
    bitsBase: null,
    lengthBefore: 20,
    lengthAfter: 21,
    leak: null,
    ...change,
  });

  it('takes what got better and forgot nothing', () => {
    assert.equal(judge(evidence({})).state, 'promoted');
    assert.equal(judge(evidence({ heldOut: scores([0.5, -0.7, 0.9, -0.8]) })).state, 'rejected');
    assert.equal(judge(evidence({ bitsAfter: 1.22 })).state, 'rejected');
    assert.equal(judge(evidence({ lengthAfter: 30 })).state, 'rejected');
    assert.equal(judge(evidence({ bitsBase: 1.19 })).state, 'promoted');
    assert.match(judge(evidence({ bitsBase: 1.15 })).message, /rounds together/);
    assert.match(judge(evidence({ leak: 'a completion begins with "kept:".' })).message, /begins with/);
  });

  it('says so where the evidence is not enough, and keeps only what forgot nothing', () => {
    const few = judge(evidence({ heldOut: scores([0.9]) }));
    assert.equal(few.state, 'kept-insufficient-evidence');
    assert.match(few.message, /insufficient evidence/);
    assert.equal(judge(evidence({ heldOut: [], bitsAfter: 1.3 })).state, 'rejected');
    assert.equal(judge(evidence({ heldOut: [], bitsBefore: null, bitsAfter: null })).state, 'rejected');
  });

  it('bounds the gain from below', () => {
    assert.ok(bootstrapLowerBound([1, 1, 1, 1]) === 1);
    const bound = bootstrapLowerBound([2, -1, 2, -1, 2, 2]);
    assert.ok(bound < 1 && bound > -1);
    assert.equal(bootstrapLowerBound([]), -Infinity);
  });
});

describe('the leak check', () => {
  it('finds templates and feedback, and lets kept code pass', () => {
    assert.match(findLeak(['kept: foo()'], [], [])!, /kept:/);
    const output = 'Expected lg.emit to have been called with one';
    assert.match(findLeak([`// ${output}`], [output], [])!, /repeats feedback/);
    assert.equal(
      findLeak(
        ['lg.emit(Level.Warn, "x", { id });'],
        ['use lg.emit(Level.Warn, "x", { id })'],
        ['lg.emit(Level.Warn, "x", { id });'],
      ),
      null,
    );
    const quoted = "use throw fail(Code.NotFound, 'what', id) instead";
    assert.equal(
      findLeak(["throw fail(Code.NotFound, 'what', id);"], [quoted], []),
      null,
      'code in a message is asked for',
    );
    assert.equal(findLeak(['error: a label', ''], [], ['switch (x) { error: a label }']), null);
  });
});

describe('gates', () => {
  it('stop a round that goes wrong', () => {
    const fine = { entropyRatio: 0.9, drift: 0.1, gradNorm: 1, lengthChange: 0.1 };
    assert.equal(checkVitals(fine), null);
    assert.match(checkVitals({ ...fine, entropyRatio: 0.5 })!, /entropy/);
    assert.match(checkVitals({ ...fine, drift: 2.5 })!, /left its base/);
    assert.match(checkVitals({ ...fine, gradNorm: 1e-6 })!, /nothing to learn/);
    assert.match(checkVitals({ ...fine, gradNorm: Number.NaN })!, /not finite/);
    assert.match(checkVitals({ ...fine, lengthChange: 0.3 })!, /length by 30 %/);
  });

  it('take as a control only feedback that is unlike', () => {
    const one = (feedback: string) => ({ feedback }) as Prepared;
    const own = one("kept: lg.emit(Level.Warn, 'a', { id });\n");
    const alike = one("kept: lg.emit(Level.Warn, 'b', { id });\n");
    const other = one('kept: return clampTo(high, low, value);\n');
    const tested = one(
      `test: saveUser reports through lg\nError: no such user\n  at src/users.js:7\n  at test/log.test.js:19\n${alike.feedback}`,
    );
    assert.equal(controlEvent(own, [own, alike, tested]), null);
    assert.equal(controlEvent(tested, [own, alike, tested]), null);
    assert.equal(controlEvent(own, [own, alike, other]), other);
    assert.equal(likeness('', ''), 1);
  });
});

describe('the scheduler', () => {
  const settings = defaultSettings.learning;
  const moment: Moment = {
    now: 10_000_000,
    lastTyping: 0,
    lastRoundEnded: null,
    readyEvents: 4,
    readyAfterLastRound: 0,
    owed: false,
    paused: false,
    running: false,
    onBattery: false,
  };
  it('starts a round only at the right moment', () => {
    assert.equal(whyNotNow(moment, settings), null);
    const no = (change: Partial<Moment>, why: RegExp) =>
      assert.match(whyNotNow({ ...moment, ...change }, settings)!, why);
    no({ lastTyping: 9_990_000 }, /at work/);
    no({ readyEvents: 3 }, /3 of 4/);
    no({ readyAfterLastRound: 4 }, /Nothing new/);
    assert.equal(whyNotNow({ ...moment, readyEvents: 0, owed: true }, settings), null);
    no({ readyEvents: 38, readyAfterLastRound: 37 }, /1 of 10 new/);
    assert.equal(whyNotNow({ ...moment, readyEvents: 47, readyAfterLastRound: 37 }, settings), null);
    no({ lastRoundEnded: 9_990_000 }, /short while ago/);
    no({ onBattery: true }, /battery/);
    no({ paused: true }, /paused/);
    no({ running: true }, /running/);
    assert.match(whyNotNow(moment, { ...settings, automatic: false })!, /Train Now/);
    assert.equal(whyNotNow({ ...moment, onBattery: true }, { ...settings, onBattery: true }), null);
  });

  it('reads the battery', async () => {
    const box = await storage();
    const supply = async (name: string, files: Record<string, string>) => {
      await mkdir(path.join(box.folder, 'power', name), { recursive: true });
      for (const [file, text] of Object.entries(files))
        await writeFile(path.join(box.folder, 'power', name, file), text);
    };
    const folder = path.join(box.folder, 'power');
    assert.equal(await linuxBattery(folder), null);
    await supply('mouse', { status: 'Discharging\n', scope: 'Device\n' });
    assert.equal(await linuxBattery(folder), false);
    await supply('BAT0', { status: 'Discharging\n' });
    assert.equal(await linuxBattery(folder), true);
    await supply('AC', { online: '1\n' });
    assert.equal(await linuxBattery(folder), false);
    await box.close();
  });
});

describe('gathering', () => {
  it('holds out whole files, the newest, and only where there is enough', () => {
    const few = corrections(9);
    assert.deepEqual(splitHeldOut(few).held, []);
    const many = corrections(12).map((one, i) => ({ ...one, uri: `file:///f${Math.floor(i / 2)}` }));
    const { train, held } = splitHeldOut(many);
    assert.deepEqual(
      held.map(({ uri }) => uri),
      ['file:///f5', 'file:///f5'],
    );
    assert.equal(train.length, 10);
    const oneFile = corrections(12).map((one) => ({ ...one, uri: 'file:///same' }));
    assert.equal(splitHeldOut(oneFile).held.length, 0);
  });

  it('takes new events, rehearses trained ones, newest first, and leaves the useless', async () => {
    const box = await storage();
    const [a, b, c, d] = corrections(4);
    await capture(box.store, { ...a!, status: 'trained' });
    await capture(box.store, { ...b!, status: 'ready' });
    await capture(box.store, { ...c!, status: 'ready', solution: null, weight: 0 });
    await capture(box.store, { ...d!, status: 'held-out' });
    const found = await gather(box.store, false);
    const ids = (list: { completionId: string }[]) => list.map(({ completionId }) => completionId);
    assert.deepEqual(ids(found.fresh), [b!.completionId]);
    assert.deepEqual(ids(found.rehearsed), [a!.completionId]);
    assert.deepEqual(ids(found.heldOut), [d!.completionId]);
    const anew = await gather(box.store, true);
    assert.deepEqual(ids(anew.fresh), [a!.completionId, b!.completionId]);
    assert.deepEqual(anew.rehearsed, []);
    assert.equal(isUseful(event({ solution: null, output: 'failed' })), true);
    await box.close();
  });
});

describe('the secret gate', () => {
  it('lets no key into the weights', async () => {
    const key = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
    const { clean, secret } = await screenSecrets([event(), event({ solution: `token = '${key}';` })]);
    assert.deepEqual([clean.length, secret.length], [1, 1]);
  });
});

describe('replay', () => {
  it('keeps rows aside to measure with, and survives a broken file', async () => {
    const box = await storage();
    const file = await writeReplay(box.folder, 30);
    const pool = await readReplayPool(file, [event({ signals: ['kept'] })], 1);
    assert.equal(pool.held.length, 5);
    assert.equal(pool.train.length, 26);
    assert.ok(!pool.train.some((row) => pool.held.includes(row)));
    await writeFile(file, 'not json');
    assert.deepEqual(await readReplayPool(file, [], 1), { train: [], held: [] });
    assert.deepEqual(await readReplayPool(null, [], 1), { train: [], held: [] });
    await box.close();
  });
});

describe('renaming', () => {
  const source = random(3);
  const names = new NameSource([
    'export function resolveTicket(invoice, widget) { return buffer.region(channel, folder) + cursor.theme(record, branch, session, packet, width, height, offset, limit); }',
  ]);

  it('changes names of the developer’s own alike everywhere, and no others', () => {
    const one = corrections(1)[0]!;
    assert.deepEqual(sharedNames(one).sort(), ['id', 'save']);
    const other = renamed(one, names, source)!;
    const [, name, parameter] = /function (\w+)\((\w+)\)/.exec(other.prefix)!;
    assert.equal(other.solution, `lg.emit(Level.Warn, '${name}', { ${parameter} });`);
    assert.equal(other.prefix, `export function ${name}(${parameter}) {\n  if (!${parameter}) {\n    `);
    assert.notEqual(name, 'save');
  });

  it('knows declarations of several languages', () => {
    const shared = (prefix: string, solution: string) => sharedNames({ prefix, solution });
    assert.deepEqual(shared('def load(user, *rest):\n    ', 'log(user, rest)'), ['user', 'rest']);
    assert.deepEqual(shared('const total: number = sum(items);\n', 'emit(total, items)'), ['total']);
    assert.deepEqual(
      shared('  async fetchAll(limit: number): Promise<void> {\n    ', 'warn("fetchAll", limit)').sort(),
      ['fetchAll', 'limit'],
    );
    assert.deepEqual(shared('if (ready) {\n  ', 'go(ready)'), []);
    assert.equal(renamed(event({ prefix: 'x', solution: 'y' }), names, source), null);
  });

  it('keeps the style of a name', () => {
    assert.match(names.like('loadUser', source), /^[a-z]+[A-Z][a-z]+$/);
    assert.match(names.like('load_user', source), /^[a-z]+_[a-z]+$/);
    assert.match(names.like('UserName', source), /^[A-Z][a-z]+[A-Z][a-z]+$/);
  });
});

describe('precedents', () => {
  const prefix = (line: string) =>
    `import { lg } from './log.js';\nfunction load(id) {\n  if (!id) {\n${line}    return null;\n  }\n}\nfunction save(id) {\n  if (!id) {\n    `;
  const event = (line: string, solution: string) =>
    ({ prefix: prefix(line), suffix: `\n    return null;\n  }\n}\n`, solution }) as LearningEvent;

  it('are taken out of the code around a correction, and nothing else is', () => {
    const one = event("    lg.emit(Level.Warn, 'load', { id });\n", "lg.emit(Level.Warn, 'save', { id });");
    const bare = withoutPrecedents(one)!;
    assert.equal(bare.prefix, prefix(''));
    assert.equal(bare.suffix, one.suffix);
    assert.equal(bare.solution, one.solution);
  });

  it('are not seen where there are none, nor in what is like anything', () => {
    assert.equal(withoutPrecedents(event('', "lg.emit(Level.Warn, 'save', { id });")), null);
    assert.equal(withoutPrecedents(event('    return null;\n', 'return null;')), null);
    assert.equal(withoutPrecedents(event('    log(id);\n', "lg.emit(Level.Warn, 'save', { id });")), null);
  });
});

describe('an average of adapters', () => {
  it('averages ΔW and not its factors', async () => {
    const model = await openModel(goldenFolder('qwen2'));
    await model.close();
    const modules = [
      { name: 'model.layers.0.self_attn.q_proj', inputs: 9, outputs: 7 },
    ] as unknown as Parameters<typeof freshAdapter>[0];
    const source = random(5);
    const make = () => {
      const adapter = freshAdapter(modules, { rank: 2, alpha: 4, random: source.next });
      for (const { data } of adapter.tensors.values())
        for (let i = 0; i < data.length; i++) data[i] = source.next() - 0.5;
      return adapter;
    };
    const delta = (adapter: ReturnType<typeof make>) => {
      const [a, b] = [...adapter.tensors.values()].map(({ data }) => data);
      const rank = adapter.rank;
      return Array.from({ length: 63 }, (_, at) => {
        const [row, column] = [Math.floor(at / 9), at % 9];
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += b![row * rank + k]! * a![k * 9 + column]!;
        return (sum * adapter.alpha) / rank;
      });
    };
    const [x, y] = [make(), make()];
    const same = delta(mixAdapters(x, x, 0.3));
    for (const [i, value] of delta(x).entries()) assert.ok(Math.abs(value - same[i]!) < 1e-5);
    const scaled = delta(mixAdapters(null, x, 0.25));
    for (const [i, value] of delta(x).entries()) assert.ok(Math.abs(0.25 * value - scaled[i]!) < 1e-6);
    // Of rank 2 at most, the mixture of two adapters is approximated as well as any such can be: better than either.
    const wanted = delta(x).map((value, i) => 0.5 * value + 0.5 * delta(y)[i]!);
    const error = (given: number[]) =>
      Math.sqrt(given.reduce((sum, value, i) => sum + (value - wanted[i]!) ** 2, 0));
    const mixed = error(delta(mixAdapters(x, y, 0.5)));
    assert.ok(mixed < error(delta(x).map((value) => 0.5 * value)));
    assert.ok(mixed < error(delta(y).map((value) => 0.5 * value)));
  });
});

describe('adapters on disk', () => {
  it('appear whole, and old ones go', async () => {
    const box = await storage();
    const folder = new AdapterFolder(box.folder);
    const records = [];
    for (let id = 1; id <= 8; id++) {
      await mkdir(folder.unfinished(id), { recursive: true });
      await writeFile(path.join(folder.unfinished(id), 'adapter_config.json'), '{}');
      const directory = await folder.accept(id);
      records.push({
        id,
        createdAt: id,
        roundId: id,
        modelHash: 'm',
        hash: '',
        directory,
        parent: id > 1 ? id - 1 : null,
        active: id === 2,
      });
    }
    await folder.prune(records);
    assert.deepEqual(
      records.filter((record) => folder.exists(record)).map(({ id }) => id),
      [1, 2, 4, 5, 6, 7, 8],
    );
    await mkdir(folder.unfinished(99), { recursive: true });
    await folder.sweep(records.filter(({ id }) => id !== 8));
    assert.deepEqual(
      (await readdir(path.join(box.folder, 'adapters'))).sort(),
      ['0001', '0002', '0004', '0005', '0006', '0007'],
      'what crashed rounds left, and what was moved but never registered, goes',
    );
    await box.close();
  });
});

describe('batches and the learning rate', () => {
  it('visit every item before any comes again', () => {
    const source = batches([1, 2, 3, 4, 5], 2, random(1));
    const seen = new Set([1, 2, 3].flatMap(() => source.next().value));
    assert.equal(seen.size, 5);
    assert.deepEqual(batches([1, 2], 8, random(1)).next().value.sort(), [1, 2]);
  });

  it('warms up and comes down within the time there is', () => {
    const options = { warmupSteps: 5 };
    assert.equal(schedule(1, 0.01, options), 0.2);
    assert.equal(schedule(20, 0.4, options), 1);
    assert.ok(schedule(100, 1, options) < 0.11);
  });
});

describe('shrinking', () => {
  const tensors = new Map([
    ['x.lora_A.weight', { shape: [1, 2], data: Float32Array.of(1, 2) }],
    ['x.lora_B.weight', { shape: [2, 1], data: Float32Array.of(10, 20) }],
  ]);
  const adapter = { rank: 1, alpha: 2, hash: 'x', tensors };
  const size = (given: Pick<Adapter, 'tensors'>) => given.tensors.get('x.lora_B.weight')!.data[0]!;

  it('takes back only as much as forgetting demands', async () => {
    const forgetting = async (given: Pick<Adapter, 'tensors'>) => 1 + 0.015 * (size(given) / 10) ** 2;
    const fitted = await shrinkToFit(adapter, 1, forgetting);
    assert.ok(Math.abs(size(fitted.adapter) - 8) < 1e-5, 'the largest scale that keeps within 1 %');
    assert.equal(fitted.decisions[0]!.passed, true);
    const same = await shrinkToFit(adapter, 1, async () => 1.001);
    assert.equal(same.adapter, adapter);
    assert.deepEqual(same.decisions, []);
    const never = await shrinkToFit(adapter, 1, async () => 2);
    assert.equal(never.decisions[0]!.passed, false);
    assert.equal((await shrinkToFit(adapter, null, async () => null)).adapter, adapter);
  });

  it('finds the largest scale that fits in a few looks, whatever the slope', async () => {
    for (let slope = 0.005; slope < 0.04; slope += 0.0007) {
      let looks = 0;
      const forgotten = (scale: number) => 1 + slope * scale ** 2;
      const fitted = await shrinkToFit(adapter, 1, async (given) => {
        looks++;
        return forgotten(size(given) / 10);
      });
      const scales = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55];
      const expected = scales.find((scale) => forgotten(scale) - 1 <= 0.01) ?? 0.55;
      assert.ok(Math.abs(size(fitted.adapter) / 10 - expected) < 1e-5, `${slope}`);
      assert.ok(looks <= 6, `${looks}`);
    }
  });

  it("takes back of this round's change only: what earlier rounds taught keeps its size", async () => {
    const earlier = new Map(
      [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => x / 2) }]),
    );
    const start = { ...adapter, tensors: earlier };
    const fitted = await shrinkToFit(adapter, 1, async (given) => (size(given) > 7.8 ? 2 : 1), start);
    assert.ok(Math.abs(size(fitted.adapter) - 7.75) < 1e-5, `${size(fitted.adapter)} between 5 and 10`);
    const never = await shrinkToFit(adapter, 1, async () => 2, start);
    assert.ok(size(never.adapter) > 5);
  });
});
