/** *Import Adapter…*: one that was trained elsewhere, for instance from a whole team's corrections, through the gates of a round. */
import { window } from 'vscode';
import type { HindsightClient } from '../server/client';
import { withProgress } from '../server/progress';

export async function importAdapter(client: HindsightClient): Promise<void> {
  const [folder] =
    (await window.showOpenDialog({
      title: 'Hindsight: Import Adapter (a folder with adapter_config.json)',
      openLabel: 'Import',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!folder) return;
  const { adapter: current } = await client.request('hindsight/status', null);
  const beside = current === null ? false : await askBeside();
  if (beside === undefined) return;
  const imported = await withProgress(
    client,
    'Hindsight: tries the adapter on your corrections',
    (_, cancel) => client.request('hindsight/importAdapter', { folder: folder.fsPath, beside }, cancel),
  );
  if (!imported) return;
  for (const notice of imported.notices) window.showWarningMessage(`Hindsight: ${notice}`);
  const show = imported.adapter === null ? window.showWarningMessage : window.showInformationMessage;
  show(`Hindsight: ${imported.message}`);
}

/** @returns undefined where the developer wants neither */
async function askBeside(): Promise<boolean | undefined> {
  const choices = [
    { label: 'Together with what I have taught', beside: true },
    { label: 'In its place', detail: '“Roll Back” brings yours back', beside: false },
  ];
  const title = 'Hindsight: Import Adapter';
  return (await window.showQuickPick(choices, { title, placeHolder: 'An adapter of yours is in use.' }))
    ?.beside;
}
