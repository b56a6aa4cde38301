import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadAdapter, openModel } from '../../../../server/model/open';
import type { Model } from '../../../../server/model/types';
import type { TokenAdvantage } from '../../../../server/protocol/types';
import { byDefault } from '../../../../server/training/objectives/default';
import { runRound } from '../../../../server/training/trainer/run-round';
import type { EventGates, RoundResult, Step, TrainingJob } from '../../../../server/training/types';
import { goldenFolder } from '../../learning/golden';
import { corrections, replayRows, smallOptions } from '../fixtures';

describe('a round on an open model', () => {
  let model: Model;
  let folder: string;
  before(async () => {
    model = await openModel(goldenFolder('qwen2'), { threads: 1 });
    folder = await mkdtemp(path.join(tmpdir(), 'hindsight-work-'));
  });
  after(async () => {
    await model.close();
    await rm(folder, { recursive: true, force: true });
  });

  const job = (change: Partial<TrainingJob> = {}): TrainingJob => ({
    objective: byDefault,
    options: smallOptions(),
    adapterDirectory: null,
    events: corrections(4),
    rehearsed: [],
    heldOut: corrections(10).slice(4),
    replay: replayRows(8),
    replayHeld: replayRows(10).slice(8),
    outputDirectory: path.join(folder, 'default-out'),
    checkpointPath: null,
    gated: false,
    ...change,
  });

  it('teaches a convention to a model of random weights, and writes the adapter', async () => {
    const steps: Step[] = [];
    // What random weights write has no length to keep.
    const change = { options: smallOptions({ maxSteps: 40 }), replayHeld: [] };
    const result = await runRound(model, job(change), { step: (step) => steps.push(step) });
    assert.equal(result.steps, 40);
    assert.ok(
      steps.at(-1)!.crossEntropy < steps[0]!.crossEntropy - 0.5,
      JSON.stringify([steps[0], steps.at(-1)]),
    );
    assert.equal(result.distillationShare, 0, 'where the text is known the default copies it');
    const gain = result.heldOut.map((score) => score.after - score.before);
    assert.ok(
      gain.every((value) => value > 0.2),
      `held-out gains ${gain}`,
    );
    assert.equal(loadAdapter(path.join(folder, 'default-out')).hash, result.adapterHash);
  });

  it('teaches an adapter on responses, with prompts read once and the upper half of the layers alone', async () => {
    const options = smallOptions({ maxSteps: 40, positions: 'response', layers: 0.5, forms: 3 });
    const rounds: RoundResult[] = [];
    for (const adapterDirectory of [null, path.join(folder, 'default-out')]) {
      const result = await runRound(model, job({ options, replayHeld: [], adapterDirectory }));
      assert.ok(
        result.heldOut.every(({ before, after }) => after > before + (adapterDirectory ? -0.5 : 0.1)),
      );
      const written = loadAdapter(path.join(folder, 'default-out'));
      assert.deepEqual([written.positions, written.hash], ['response', result.adapterHash]);
      assert.ok([...written.tensors.keys()].every((name) => !name.includes('layers.0.')));
      rounds.push(result);
    }
    const gain = ({ heldOut }: RoundResult) => heldOut[0]!.after - heldOut[0]!.before;
    assert.ok(gain(rounds[0]!) > 0.1, 'and the second round goes on from the first');
    assert.ok(rounds[1]!.heldOut[0]!.before > rounds[0]!.heldOut[0]!.before + 0.1);
  });

  it('ends where held-out corrections gain no more, and keeps the best', async () => {
    // Nothing that is taught helps with what is held out: the first steps can but spoil it.
    const heldOut = corrections(10, { solution: '~~~~ #### @@@@ ~~~~ ####' }).slice(4);
    const options = smallOptions({ maxSteps: 100 });
    const result = await runRound(model, job({ options, heldOut, replayHeld: [] }));
    assert.match(result.stopped, /gained no more/);
    assert.ok(result.steps < 100);
  });

  it('gates and explains every event, and tells its advantages', async () => {
    let gates: EventGates[] = [];
    const told = new Map<string, TokenAdvantage[]>();
    const events = corrections(4);
    events[2]!.weight = 0;
    events[3]!.solution = "lg.emit(Level.Warn, 'find';";
    events[1]!.responseIds = model.tokenizer.encode(events[1]!.text);
    await runRound(model, job({ events, options: smallOptions({ maxSteps: 1 }) }), {
      gates: (all) => {
        gates = all;
      },
      advantages: (id, context, tokens) => {
        assert.ok(context.startsWith('kept: lg.emit('));
        told.set(id, tokens);
      },
    });
    assert.equal(gates.length, 4);
    assert.ok(gates[0]!.gates.some(({ name, passed }) => name === 'kept text parses' && passed));
    assert.match(gates[3]!.reason!, /does not parse/);
    assert.ok(gates[0]!.gates.some(({ name, value }) => name.startsWith('teacher gap') && value !== null));
    assert.match(gates[2]!.reason!, /no weight/);
    const tokens = told.get(events[1]!.completionId)!;
    assert.equal(
      tokens.map(({ token }) => token).join(''),
      events[1]!.text,
      'the strip is over the offered tokens',
    );
    for (const { advantage, teacherLogProb, studentLogProb } of tokens) {
      assert.ok(Math.abs(advantage - (teacherLogProb - studentLogProb)) < 1e-6);
    }
  });

  it('goes on from a checkpoint with the same numbers', async () => {
    const checkpointPath = path.join(folder, 'checkpoint.bin');
    const options = smallOptions({ maxSteps: 24, maxSeconds: 1000 });
    const events = corrections(4);
    const whole: Step[] = [];
    await runRound(model, job({ options, events }), {
      step: (s) => whole.push(s),
    });
    const seen: number[] = [];
    const crash = runRound(model, job({ options, events, checkpointPath }), {
      step: ({ step }) => {
        if (step === 22) throw new Error('power cut');
      },
    });
    await assert.rejects(crash, /power cut/);
    const resumed: Step[] = [];
    await runRound(model, job({ options, events, checkpointPath }), {
      step: (s) => {
        seen.push(s.step);
        resumed.push(s);
      },
    });
    assert.deepEqual(seen, [21, 22, 23, 24]);
    assert.ok(Math.abs(resumed.at(-1)!.crossEntropy - whole.at(-1)!.crossEntropy) < 1e-3);
  });
});
