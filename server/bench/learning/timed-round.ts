/** A whole round of the simulated developer's corrections, timed, with the rows that it trained. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Model, ResponseEngine, ResponseRow, TrainingSession } from '../../model/types';
import { byDefault } from '../../training/objectives/default';
import type { ReplayPool } from '../../training/round/replay-pool';
import { roundOptions } from '../../training/round-options';
import { runRound } from '../../training/trainer/run-round';
import { attempts } from './benchmark';
import { correct, simulateProject } from './developer';
import { benchJob } from './job';

export interface TimedRound {
  steps: number;
  /** Of the whole round, its judgement included. */
  seconds: number;
  /** The same in processor time of all threads: what else the machine does changes it less. */
  processorSeconds: number;
  /** Until the feedback was read and the first step made, and until later steps: seconds by the step's number. */
  until: Record<number, number>;
  /** Bits per byte on code that must not be forgotten. */
  bitsPerByte: { before: number | null; after: number | null };
  /** Rows of each step: what was trained together. */
  rows: ResponseRow[][][];
}

/** Steps that are told of. */
const TOLD = [1, 20, 40, 60, 80, 100, 120];

export async function timedRound(
  model: Model,
  pool: ReplayPool,
  setting: { events: number; seed: number; maxSeconds: number; maxSteps?: number },
): Promise<TimedRound> {
  const { events: count, seed, maxSeconds, maxSteps } = setting;
  const product = roundOptions(maxSeconds, count, model.parameters);
  const options = { ...product, ...(maxSteps === undefined ? {} : { maxSteps }), seed };
  const project = simulateProject(count, 1, seed);
  const decoder = await model.decoder();
  const offered = await attempts(model, decoder, null, project.training, options);
  await decoder.close();
  const events = project.training.flatMap((place, i) => correct(place, offered[i]!, 'text', i + 1) ?? []);
  const folder = await mkdtemp(path.join(tmpdir(), 'hindsight-round-'));
  const job = benchJob({ objective: byDefault, options, events }, pool, folder);
  const rows: ResponseRow[][][] = [[]];
  const until: Record<number, number> = {};
  const [began, used] = [performance.now(), processorSeconds()];
  try {
    const result = await runRound(recorded(model, rows), job, {
      step: ({ step }) => {
        if (TOLD.includes(step)) until[step] = (performance.now() - began) / 1000;
      },
    });
    return {
      steps: result.steps,
      seconds: result.seconds,
      processorSeconds: processorSeconds() - used,
      until,
      bitsPerByte: { before: result.bitsBefore, after: result.bitsAfter },
      rows: rows.filter((step) => step.length > 0),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The model, which notes what its trainers are given, step by step. */
function recorded(model: Model, rows: ResponseRow[][][]): Model {
  const session = (made: TrainingSession): TrainingSession => ({
    accumulate: (given, scale) => {
      rows.at(-1)!.push(given.map(({ prompt, response }) => ({ prompt, response })));
      return made.accumulate(given, scale);
    },
    step: (options) => {
      rows.push([]);
      return made.step(options);
    },
    adapter: () => made.adapter(),
    optimizerState: () => made.optimizerState(),
    loadOptimizerState: (state) => made.loadOptimizerState(state),
    close: () => made.close(),
  });
  const engine = (made: ResponseEngine): ResponseEngine => ({
    scorer: made.scorer,
    trainer: async (options) => session(await made.trainer(options)),
    close: () => made.close(),
  });
  return Object.assign(Object.create(model) as Model, {
    trainer: async (options: Parameters<Model['trainer']>[0]) => session(await model.trainer(options)),
    responses: async (options: Parameters<Model['responses']>[0]) => engine(await model.responses(options)),
  });
}
