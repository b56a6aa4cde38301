/** A round's work as the benchmarks give it: from the base model, nothing rehearsed, nothing to go on from after a crash. */
import path from 'node:path';
import type { ReplayPool } from '../../training/round/replay-pool';
import type { TrainingJob } from '../../training/types';

/** @param folder the adapter is written into a folder of it */
export function benchJob<
  Given extends Pick<TrainingJob, 'objective' | 'options' | 'events'> & Partial<TrainingJob>,
>(given: Given, pool: ReplayPool, folder: string) {
  return {
    adapterDirectory: null,
    rehearsed: [],
    heldOut: [],
    replay: pool.train,
    replayHeld: pool.held,
    outputDirectory: path.join(folder, 'adapter'),
    checkpointPath: null,
    gated: false,
    ...given,
  };
}
