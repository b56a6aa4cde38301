/**
 * The steps of a round: batches of events and replay rows through the training session until the steps or the seconds
 * are used up, or a guard stops it.
 *
 *   L = Σ_e w_e·[a·forward KL on y* + b·divergence on samples + c·cross-entropy on y*] / Σ_e w_e + β·KL(base‖student)
 */

import { batches, type Random } from '../../base/random';
import type { Adapter, Model, Scorer, TrainingRow, TrainingSession } from '../../model/types';
import { checkVitals, type Vitals, worstVitals } from '../gates/gates';
import type { RoundOptions, Step, TrainingJob } from '../types';
import type { Anchor } from './anchor';
import type { BestSoFar } from './best-so-far';
import { type Checkpoint, writeCheckpoint } from './checkpoint';
import type { RowSource } from './hooks';
import type { Prepared } from './prepare';
import type { Teacher } from './teacher';

export interface LoopParts {
  model: Model;
  scorer: Scorer;
  session: TrainingSession;
  rowMaker: RowSource;
  teacher: Teacher;
  anchor: Anchor;
  best: BestSoFar;
  events: Prepared[];
  job: TrainingJob;
  source: Random;
  /** Resumed from here. */
  checkpoint: Checkpoint | null;
  checkpointKey: string;
  /** Active milliseconds since the loop began, pauses not counted. */
  clock(): number;
  /** Between micro-batches: waits while paused, throws when cancelled. */
  yieldToEventLoop(): Promise<void>;
  onStep(step: Step, progress: number): void;
  /** Change of the length of completions since the round began, as a share; null where it cannot be told. */
  lengthChange(student: Adapter): Promise<number | null>;
}

/** Steps between checkpoints, and between checks of the student's entropy and length. */
const CHECKPOINT_STEPS = 20;

/** Why a round ended before its time. */
const NO_GAIN = 'Held-out corrections gained no more.';

/** @returns why it stopped: 'steps', 'time', or a sentence; and the worst that the guards saw */
export async function runSteps(
  parts: LoopParts,
): Promise<{ stopped: string; steps: number; vitals: Vitals | null }> {
  let vitals: Vitals | null = null;
  const { session, anchor, job, source, events } = parts;
  const { options, objective } = job;
  const eventBatches = batches(events, options.eventsPerStep, source);
  const anchorBatches =
    objective.anchor > 0 && anchor.size > 0
      ? batches(
          Array.from({ length: anchor.size }, (_, i) => i),
          options.replayPerStep,
          source,
        )
      : null;
  const before = parts.checkpoint?.elapsedMs ?? 0;
  const history: Step[] = parts.checkpoint?.steps ?? [];
  let step = parts.checkpoint?.step ?? 0;
  // Resumed: the batches that were already trained are drawn again and passed over, so that the order is the same.
  for (let done = 0; done < step; done++) {
    eventBatches.next();
    anchorBatches?.next();
  }

  while (step < options.maxSteps) {
    const elapsed = before + parts.clock();
    if (elapsed >= options.maxSeconds * 1000) return { stopped: 'time', steps: step, vitals };
    step++;
    await parts.yieldToEventLoop();
    const batch = eventBatches.next().value;
    if ((step - 1) % options.refreshSteps === 0) parts.teacher.follow(session.adapter());
    const { crossEntropy, distillation } = await accumulateEvents(parts, batch, step);

    let drift = 0;
    if (anchorBatches) {
      await parts.yieldToEventLoop();
      const rows = await anchor.batch(anchorBatches.next().value);
      const { divergence } = await session.accumulate(rows, objective.anchor / rows.length);
      drift = mean(divergence);
    }
    const progress = Math.max(step / options.maxSteps, elapsed / (options.maxSeconds * 1000));
    const { gradNorm } = session.step({
      learningRate: objective.learningRate * options.rateScale * schedule(step, progress, options),
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: options.weightDecay,
      maxGradNorm: options.maxGradNorm,
    });
    const done: Step = {
      step,
      loss: crossEntropy + distillation + objective.anchor * drift,
      distillation,
      crossEntropy,
      anchor: drift,
      gradNorm,
    };
    history.push(done);
    parts.onStep(done, Math.min(1, progress));

    const checked = step % CHECKPOINT_STEPS === 0;
    const entropyRatio = checked ? await anchor.entropyRatio(session.adapter()) : null;
    // What comes of the last step is judged as a whole.
    const looks = checked && step < options.maxSteps;
    const lengthChange = looks ? await parts.lengthChange(session.adapter()) : null;
    const resting = parts.rowMaker.mayRest && gradNorm < 1e-5;
    const now = { entropyRatio, drift, gradNorm: resting ? null : gradNorm, lengthChange };
    vitals = worstVitals(vitals, now);
    const trouble = checkVitals(now);
    if (trouble) return { stopped: trouble, steps: step, vitals };
    if (checked && !(await parts.best.check(session.adapter())))
      return { stopped: NO_GAIN, steps: step, vitals };
    if (checked && job.checkpointPath) {
      await writeCheckpoint(job.checkpointPath, {
        key: parts.checkpointKey,
        step,
        elapsedMs: before + parts.clock(),
        adapter: session.adapter(),
        optimizer: session.optimizerState(),
        steps: history,
      });
    }
  }
  return { stopped: 'steps', steps: step, vitals };
}

/** Warm-up, then constant for half of the round, then down to a tenth. */
export function schedule(
  step: number,
  progress: number,
  { warmupSteps }: Pick<RoundOptions, 'warmupSteps'>,
): number {
  const warm = Math.min(1, step / Math.max(1, warmupSteps));
  const late = Math.min(1, Math.max(0, (progress - 0.5) / 0.5));
  return warm * (0.55 + 0.45 * Math.cos(Math.PI * late));
}

async function accumulateEvents(
  { session, rowMaker }: LoopParts,
  batch: readonly Prepared[],
  step: number,
): Promise<{ crossEntropy: number; distillation: number }> {
  const total = batch.reduce((sum, one) => sum + one.event.weight, 0) || 1;
  const rows: TrainingRow[] = [];
  for (const one of batch) {
    rows.push(...(await rowMaker.rows(one, step, one.event.weight / total, () => session.adapter())));
  }
  if (rows.length === 0) return { crossEntropy: 0, distillation: 0 };
  const losses = await session.accumulate(rows, 1);
  let crossEntropy = 0;
  let distillation = 0;
  for (const [i, row] of rows.entries()) {
    crossEntropy += row.crossEntropy * losses.crossEntropy[i]!;
    distillation += (row.divergence?.weight ?? 0) * losses.divergence[i]!;
  }
  return { crossEntropy, distillation };
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : 0;
}
