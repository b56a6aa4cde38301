/** "Hindsight: Why This?": what the last offer owes to what was learned, in a sentence. */
import { commands, window } from 'vscode';
import type { HindsightClient } from '../server/client';
import { withProgress } from '../server/progress';

export async function whyThis(client: HindsightClient): Promise<void> {
  const why = await withProgress(client, 'Hindsight: looking at the last offer', (_token, cancel) =>
    client.request('hindsight/why', { completionId: null }, cancel),
  );
  if (!why) return;
  const offered = why.text.trim().split('\n')[0]!.slice(0, MOST_SHOWN);
  const choice = await window.showInformationMessage(
    `Hindsight: “${offered}” ${lower(why.sentence)}`,
    'Open Panel',
  );
  if (choice) await commands.executeCommand('hindsight.openPanel');
}

const MOST_SHOWN = 60;

/** The sentence goes on behind the text. */
const lower = (sentence: string): string => `is ${sentence[0]!.toLowerCase()}${sentence.slice(1)}`;
