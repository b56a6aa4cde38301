/**
 * "Hindsight: Choose Model": what lies on this machine, what can be fetched, or a folder or file of one's own. The switch needs no
 * reload.
 */

import {
  ConfigurationTarget,
  commands,
  type QuickPickItem,
  QuickPickItemKind,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { HindsightClient } from '../server/client';
import { withProgress } from '../server/progress';
import { entriesOf, fetchEntry, planText } from './model-choices';

interface Entry extends QuickPickItem {
  choose?: () => Promise<string | undefined>;
}

export async function chooseModel(client: HindsightClient): Promise<void> {
  const path = await ask(client);
  if (path !== undefined) await useModel(path);
}

/** Fetches a model of the catalogue after saying what that means, and uses it. */
export async function fetchAndUse(client: HindsightClient, name: string): Promise<void> {
  const path = await fetchModel(client, name);
  if (path !== undefined) await useModel(path);
}

async function useModel(path: string): Promise<void> {
  const configuration = workspace.getConfiguration('hindsight');
  await configuration.update('model.path', path, ConfigurationTarget.Global);
  // A server that completes would go on doing so.
  if (configuration.get('model.server', ''))
    await configuration.update('model.server', undefined, ConfigurationTarget.Global);
}

/** The new value of the setting; undefined where nothing was chosen. */
async function ask(client: HindsightClient): Promise<string | undefined> {
  const choice = await window.showQuickPick<Entry>(entries(client), {
    title: 'Hindsight: Choose Model',
    placeHolder: 'Models of Ollama, LM Studio, Hugging Face and llama.cpp on this machine, or to be fetched',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return choice?.choose?.();
}

async function entries(client: HindsightClient): Promise<Entry[]> {
  const current = workspace.getConfiguration('hindsight').get('model.path', '');
  const [models, catalogue] = await Promise.all([
    client.request('hindsight/models', null),
    client.request('hindsight/catalogue', null),
  ]);
  const group = (label: string): Entry => ({ label, kind: QuickPickItemKind.Separator });
  return [
    group('on this machine'),
    ...entriesOf(models, current).map(
      ({ path, ...shown }): Entry => ({ ...shown, choose: async () => path ?? undefined }),
    ),
    group('to be fetched'),
    ...catalogue.map((one): Entry => ({ ...fetchEntry(one), choose: () => fetchModel(client, one.id) })),
    { label: '$(cloud-download) Another one of Hugging Face…', choose: () => fetchByName(client) },
    group('elsewhere'),
    { label: '$(file) A GGUF file…', choose: () => browse(false) },
    { label: '$(folder) A folder in the Hugging Face layout…', choose: () => browse(true) },
    { label: '$(server) A model on a server…', choose: () => onServer() },
  ];
}

async function onServer(): Promise<undefined> {
  await commands.executeCommand('hindsight.useServer');
  return undefined;
}

async function fetchByName(client: HindsightClient): Promise<string | undefined> {
  const name = await window.showInputBox({
    title: 'Hindsight: Fetch Model',
    prompt: 'Its name on Hugging Face',
    placeHolder: 'OWNER/NAME, with :PRECISION or /FILE.gguf behind it where there are several',
    ignoreFocusOut: true,
  });
  return name?.trim() ? fetchModel(client, name.trim()) : undefined;
}

/** Says from where, how much and under which licence, and fetches only then. */
async function fetchModel(client: HindsightClient, name: string): Promise<string | undefined> {
  const plan = await client.request('hindsight/fetchPlan', { name });
  const answer = await window.showInformationMessage(
    `Fetch ${plan.name}?`,
    { modal: true, detail: planText(plan) },
    'Fetch',
  );
  if (answer !== 'Fetch') return undefined;
  const fetched = await withProgress(client, `Hindsight: fetching ${plan.name}`, (workDoneToken, cancel) =>
    client.request('hindsight/fetchModel', { name, workDoneToken }, cancel),
  );
  if (!fetched)
    window.showInformationMessage(
      'Hindsight: stopped. What was fetched is kept; choosing the model again goes on from there.',
    );
  return fetched?.path;
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
