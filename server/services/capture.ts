import { join } from 'node:path';
import { Capture } from '../capture/capture';
import type { InitializationOptions } from '../protocol/settings';
import type { FeedbackStore } from '../store/store';
import { ReadingThread } from '../test-output/reading-thread';
import { notify } from '../wire';
import type { Host } from './host';

export interface CaptureNeeds {
  store: FeedbackStore;
  /** Completions whose rows changed. */
  onChanged(completionIds: string[]): void;
}

/** Capture of what the developer does, and the thread that reads what runs printed; needs no model. */
export function createCapture(
  { settings, trusted }: InitializationOptions,
  host: Host,
  needs: CaptureNeeds,
): { capture: Capture; reading: ReadingThread } {
  const reading = new ReadingThread(join(__dirname, 'test-output-worker.js'));
  const capture = new Capture({
    ...needs,
    settings,
    trusted,
    folders: [...host.workspaceFolders],
    readRun: (output, isReport) => reading.read(output, isReport),
    onNoted: (note) => notify(host.connection, 'hindsight/noted', note),
    onFailingTests: () => notify(host.connection, 'hindsight/failingTestsChanged', null),
    log: (text) => host.connection.console.log(text),
  });
  return { capture, reading };
}
