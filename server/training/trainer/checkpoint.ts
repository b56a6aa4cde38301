/** A round's state on disk, so that a crash of the trainer costs the steps since the last checkpoint and not the round. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Adapter, OptimizerState } from '../../model/types';
import type { Step, TrainingJob } from '../types';

export interface Checkpoint {
  /** Which work this is the state of. */
  key: string;
  step: number;
  /** Active training time so far, in ms. */
  elapsedMs: number;
  adapter: Adapter;
  optimizer: OptimizerState;
  steps: Step[];
}

/** The same events, objective, model and start give the same key; anything else starts afresh. */
export function checkpointKey(job: TrainingJob, modelHash: string): string {
  const events = [...job.events, ...job.rehearsed].map((event) => [
    event.id,
    event.solution,
    event.output,
    event.words,
  ]);
  const { objective, options, adapterDirectory } = job;
  const text = JSON.stringify([
    modelHash,
    objective,
    options,
    adapterDirectory && path.basename(adapterDirectory),
    events,
  ]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Written whole or not at all. */
export async function writeCheckpoint(file: string, checkpoint: Checkpoint): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.tmp`, serialize(checkpoint));
  await rename(`${file}.tmp`, file);
}

/** The checkpoint of this work; null where there is none, it is another's, or it cannot be read. */
export async function readCheckpoint(file: string, key: string): Promise<Checkpoint | null> {
  try {
    const found = deserialize(await readFile(file)) as Checkpoint;
    return found.key === key && found.adapter.tensors instanceof Map ? found : null;
  } catch {
    return null;
  }
}
