/** "Hindsight: Choose Model": what lies on this machine, or a folder or file of one's own. The switch needs no reload. */

import { ConfigurationTarget, type QuickPickItem, QuickPickItemKind, Uri, window, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';
import { entriesOf } from './model-choices';

interface Entry extends QuickPickItem {
  choose?: () => Promise<string | undefined>;
}

export async function chooseModel(client: HindsightClient): Promise<void> {
  const path = await ask(client);
  if (path === undefined) return;
  await workspace.getConfiguration('hindsight').update('model.path', path, ConfigurationTarget.Global);
}

/** The new value of the setting; undefined where nothing was chosen. */
async function ask(client: HindsightClient): Promise<string | undefined> {
  const current = workspace.getConfiguration('hindsight').get('model.path', '');
  const searching = client
    .request('hindsight/models', null)
    .then((models) => [
      ...entriesOf(models, current).map(
        ({ path, ...shown }): Entry => ({ ...shown, choose: async () => path ?? undefined }),
      ),
      { label: 'elsewhere', kind: QuickPickItemKind.Separator },
      { label: '$(file) A GGUF file…', choose: () => browse(false) },
      { label: '$(folder) A folder in the Hugging Face layout…', choose: () => browse(true) },
    ]);
  const choice = await window.showQuickPick<Entry>(searching, {
    title: 'Hindsight: Choose Model',
    placeHolder: 'Models of Ollama, LM Studio, Hugging Face and llama.cpp on this machine',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return choice?.choose?.();
}

async function browse(folder: boolean): Promise<string | undefined> {
  const [chosen] =
    (await window.showOpenDialog({
      title: 'Hindsight: Choose Model',
      canSelectFiles: !folder,
      canSelectFolders: folder,
      filters: folder ? undefined : { 'GGUF models': ['gguf'] },
    })) ?? [];
  return chosen && Uri.from(chosen).fsPath;
}
