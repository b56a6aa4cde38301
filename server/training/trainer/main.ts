/**
 * The trainer process. One round a process, at a lower priority than the editor; driven and reporting over IPC.
 * It opens no database: the server is the one writer. Where it crashes or is killed, the round is lost and nothing else.
 */

import { constants, setPriority } from 'node:os';
import { errorMessage } from '../../base/errors';
import { yieldToEventLoop } from '../../base/event-loop';
import { openModel } from '../../model/open';
import type { Model } from '../../model/types';
import type { FromTrainer, ToTrainer, TrainingJob } from '../types';
import { NothingToLearnError, runRound } from './run-round';

let model: Model | null = null;
let pausedMs = 0;
let resume: (() => void) | null = null;
let gate: Promise<void> | null = null;

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Some systems forbid it; the round is then merely less polite.
}
process.on('disconnect', () => process.exit(0));
// Ctrl-C on a terminal reaches every process of it: the one that started this one cancels the round.
process.on('SIGINT', () => undefined);
process.on('message', (message: ToTrainer) => {
  switch (message.type) {
    case 'open':
      return settle(open(message));
    case 'train':
      return settle(train(message.job));
    case 'pause':
      gate ??= new Promise((done) => {
        resume = done;
      });
      return;
    case 'resume':
      pausedMs += message.pausedMs;
      resume?.();
      gate = resume = null;
  }
});

function send(message: FromTrainer): void {
  process.send?.(message);
}

function settle(work: Promise<void>): void {
  work.catch((error: unknown) => {
    const nothing = error instanceof NothingToLearnError;
    send({
      type: nothing ? 'nothing' : 'failed',
      message: errorMessage(error),
    });
  });
}

async function open(message: Extract<ToTrainer, { type: 'open' }>): Promise<void> {
  const { device: wanted, threads } = message;
  model = await openModel(message.modelDirectory, { device: wanted, threads, trainingPrecision: 'auto' });
  const { hash, name, device, parameters } = model;
  send({ type: 'opened', modelHash: hash, name, device, parameters });
}

/** Lets messages in, and waits while paused. A stop signal needs no help; systems without one pause here. */
async function waitWhilePaused(): Promise<void> {
  await yieldToEventLoop();
  while (gate) await gate;
}

async function train(job: TrainingJob): Promise<void> {
  if (!model) throw new Error('The model is not open.');
  const {
    adapter: _adapter,
    drawn: _drawn,
    ...result
  } = await runRound(model, job, {
    phase: (text, progress) => send({ type: 'phase', text, progress }),
    gates: (gates) => send({ type: 'gates', gates }),
    advantages: (completionId, context, tokens) =>
      send({ type: 'advantages', completionId, context, tokens }),
    step: (step, progress) => send({ type: 'step', step, progress }),
    yieldToEventLoop: waitWhilePaused,
    now: () => performance.now() - pausedMs,
  });
  await model.close();
  send({ type: 'done', result });
}
