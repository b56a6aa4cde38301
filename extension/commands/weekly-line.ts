/** Shows the weekly line, where there is one and it is wanted. */

import { ConfigurationTarget, commands, type Disposable, type Memento, window, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';
import { WEEK_MS, weeklyLine } from '../status/weekly';

const TOLD = 'weekly.toldAt';
const LOOK_MS = 3_600_000;
const DAY_MS = 86_400_000;

export function tellWeekly(client: HindsightClient, memory: Memento): Disposable {
  const look = () => void tell(client, memory).catch(() => undefined);
  const timer = setInterval(look, LOOK_MS);
  // After the start: nobody opens an editor to read about the week.
  const first = setTimeout(look, 5 * 60_000);
  return {
    dispose: () => {
      clearInterval(timer);
      clearTimeout(first);
    },
  };
}

async function tell(client: HindsightClient, memory: Memento): Promise<void> {
  const now = Date.now();
  const told = memory.get<number>(TOLD);
  // The first week begins with the install.
  if (told === undefined) return memory.update(TOLD, now) as Promise<void>;
  if (now - told < WEEK_MS || !workspace.getConfiguration('hindsight').get('weeklyLine', true)) return;
  const [rounds, rules, weeks] = await Promise.all([
    client.request('hindsight/rounds', { limit: 100 }),
    client.request('hindsight/rules', null),
    client.request('hindsight/acceptance', { bucketMs: DAY_MS, limit: 15 }),
  ]);
  await memory.update(TOLD, now);
  const line = weeklyLine(rounds, rules, weeks, now);
  if (line === null) return;
  const answer = await window.showInformationMessage(`Hindsight: ${line}`, 'Open Panel', 'Not Again');
  if (answer === 'Open Panel') await commands.executeCommand('hindsight.openPanel');
  if (answer === 'Not Again')
    await workspace.getConfiguration('hindsight').update('weeklyLine', false, ConfigurationTarget.Global);
}
