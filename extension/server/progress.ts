/** A long request with its progress on the screen and a button that takes it back. */

import { type CancellationToken, ProgressLocation, window } from 'vscode';
import type { HindsightClient } from './client';

let count = 0;

/**
 * @param ask makes the request; the token goes along as its `workDoneToken`
 * @returns the answer; undefined where the developer cancelled
 * @throws Error with one sentence where the request fails
 */
export async function withProgress<Answer>(
  client: HindsightClient,
  title: string,
  ask: (workDoneToken: string, cancel: CancellationToken) => Promise<Answer>,
): Promise<Answer | undefined> {
  let cancelled = false;
  return window.withProgress(
    { location: ProgressLocation.Notification, title, cancellable: true },
    async (progress, cancel) => {
      cancel.onCancellationRequested(() => {
        cancelled = true;
      });
      const workDoneToken = `hindsight-${Date.now()}-${++count}`;
      let shown = 0;
      // Percentages of the protocol become the editor's increments.
      const listener = client.onProgress(workDoneToken, (value) => {
        if (value.kind === 'end') return;
        const percentage = value.percentage ?? shown;
        progress.report({ message: value.message, increment: Math.max(0, percentage - shown) });
        shown = Math.max(shown, percentage);
      });
      try {
        return await ask(workDoneToken, cancel);
      } catch (error) {
        if (cancelled) return undefined;
        throw error;
      } finally {
        listener.dispose();
      }
    },
  );
}
