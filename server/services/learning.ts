import { join } from 'node:path';
import type { Capture } from '../capture/capture';
import type { InitializationOptions } from '../protocol/settings';
import type { FeedbackStore } from '../store/store';
import { workspaceRows } from '../training/round/workspace-rows';
import { type Progress, Training } from '../training/training';
import { notify } from '../wire';
import type { AdapterInUse } from './completion';
import { type Host, warn } from './host';

export interface LearningNeeds {
  store: FeedbackStore;
  capture: Pick<Capture, 'checkExcluded'>;
  /** Completions whose status changed. */
  onChanged(completionIds: string[]): void;
  /** Another adapter is in use; resolves when completions use it. */
  onAdapter(adapter: AdapterInUse | null): Promise<void>;
  /** No round runs any more. */
  onIdle(): void;
}

/** Rounds of training, with their progress in the status. Of which model is said by `update` once one is open. */
export function createLearning(options: InitializationOptions, host: Host, needs: LearningNeeds): Training {
  const { embeddedModelPath, storagePath, settings } = options;
  const { capture } = needs;
  return new Training({
    store: needs.store,
    storagePath,
    modelDirectory: embeddedModelPath,
    modelHash: '',
    device: settings.model.device,
    threads: settings.model.threads,
    replayPath: join(embeddedModelPath, 'replay.json'),
    workspaceRows: (seed) => workspaceRows(host.workspaceFolders, (uri) => capture.checkExcluded(uri), seed),
    settings: settings.learning,
    trainerEntry: join(__dirname, 'trainer.js'),
    onProgress: (progress) => (progress ? showProgress(host, progress) : needs.onIdle()),
    onRound: (round) => notify(host.connection, 'hindsight/roundChanged', round),
    onEvents: (ids) => needs.onChanged(ids),
    onAdapter: (adapter) => needs.onAdapter(adapter),
    onTrouble: (sentence) => warn(host, sentence),
  });
}

function showProgress({ status }: Host, { paused, message, fraction }: Progress & { paused: boolean }): void {
  status.update({
    activity: paused ? 'paused' : 'training',
    message: paused ? 'Training waits while you type.' : message,
    progress: fraction,
  });
}
