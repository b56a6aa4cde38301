import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXPERIMENTS } from '../../../../server/bench/objectives';
import type { Experiment } from '../../../../server/bench/objectives/experiment';
import { methodsOf } from '../../../../server/bench/objectives/methods';
import { openModel } from '../../../../server/model/open';
import type { Model } from '../../../../server/model/types';
import { objectiveNamed } from '../../../../server/training/objectives';
import { runRound } from '../../../../server/training/trainer/run-round';
import type { Step, TrainingJob } from '../../../../server/training/types';
import { goldenFolder } from '../../learning/golden';
import { corrections, replayRows, smallOptions } from '../../training/fixtures';

describe('rounds of experiments', () => {
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

  const job = (objective: Experiment, change: Partial<TrainingJob> = {}): TrainingJob => ({
    objective,
    options: smallOptions(),
    adapterDirectory: null,
    events: corrections(4),
    rehearsed: [],
    heldOut: corrections(10).slice(4),
    replay: replayRows(8),
    replayHeld: replayRows(10).slice(8),
    outputDirectory: path.join(folder, `${objective.name}-out`),
    checkpointPath: null,
    gated: false,
    ...change,
  });

  for (const name of [
    'distil-kept',
    'mix',
    'sdpo',
    'sdpo-jsd',
    'sdpo-sampled',
    'sdpo-both',
    'sdpo-teacher',
    'sdpo-forward',
    'sdpo-ema',
    'sdpo-trust',
    'sdpo-live',
    'sft-then-sdpo',
  ]) {
    it(`runs the objective ${name}`, async () => {
      const experiment = objectiveNamed(name, EXPERIMENTS);
      const steps: Step[] = [];
      const options = smallOptions({ maxSteps: 4, refreshSteps: 2, samplesPerEvent: 1, responseTokens: 8 });
      const result = await runRound(model, job(experiment, { options }), {
        methods: methodsOf(experiment),
        step: (step) => steps.push(step),
      });
      assert.equal(steps.length, 4);
      assert.ok(steps.every(({ loss, gradNorm }) => Number.isFinite(loss) && gradNorm > 0));
      assert.ok(/sft-then-sdpo|sampled/.test(name) || steps[0]!.distillation > 0);
      assert.ok(result.distillationShare! > 0);
    });
  }

  it('bounds the reverse term of a token', async () => {
    const norm = async (tokenClip: number | null) => {
      const steps: Step[] = [];
      const options = smallOptions({ maxSteps: 1, samplesPerEvent: 1, responseTokens: 8 });
      const experiment = { ...objectiveNamed('sdpo', EXPERIMENTS), anchor: 0, tokenClip };
      await runRound(model, job(experiment, { options }), {
        methods: methodsOf(experiment),
        step: (step) => steps.push(step),
      });
      return steps[0]!.gradNorm;
    };
    assert.ok((await norm(1e-6)) < (await norm(null)) / 10);
  });

  it('gives grpo its gradient from rewards alone', async () => {
    let calls = 0;
    const options = smallOptions({ maxSteps: 2, refreshSteps: 1, samplesPerEvent: 4, responseTokens: 6 });
    const steps: Step[] = [];
    const experiment = { ...objectiveNamed('grpo', EXPERIMENTS), anchor: 0 };
    await runRound(model, job(experiment, { options }), {
      methods: methodsOf(experiment, () => (calls++ % 2 === 0 ? 1 : 0)),
      step: (step) => steps.push(step),
    });
    assert.ok(calls >= 16);
    assert.ok(steps[0]!.gradNorm > 0);
  });
});
