import { Capture } from '../capture/capture';
import type { InitializationOptions } from '../protocol/settings';
import type { FeedbackStore } from '../store/store';
import type { Host } from './host';

export interface CaptureNeeds {
  store: FeedbackStore;
  /** Completions whose rows changed. */
  onChanged(completionIds: string[]): void;
}

/** Capture of what the developer does; needs no model. */
export function createCapture(
  { settings, trusted }: InitializationOptions,
  host: Host,
  needs: CaptureNeeds,
): Capture {
  return new Capture({
    ...needs,
    settings,
    trusted,
    folders: [...host.workspaceFolders],
    log: (text) => host.connection.console.log(text),
  });
}
