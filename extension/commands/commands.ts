/** The commands of the palette. Each says in one sentence how it ended. */

import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationTarget,
  commands,
  Disposable,
  type LogOutputChannel,
  type SecretStorage,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { Asked, FixCommand } from '../fixing/make-it-pass';
import { messageOf } from '../log';
import type { Availability } from '../offers/availability';
import type { PanelHost } from '../panel/host';
import type { HindsightClient } from '../server/client';
import { withProgress } from '../server/progress';
import { roundEstimate } from '../status/estimate';
import type { FailingTestsItem } from '../status/failing-tests';
import { chooseSnooze, showMenu } from '../status/menu';
import { notedWords } from '../status/noted';
import type { StatusBar } from '../status/status-bar';
import { chooseModel } from './choose-model';
import { confirmDeletion } from './confirm-deletion';
import { importAdapter } from './import-adapter';
import { namesOf } from './project-names';
import { showResult } from './round-result';
import type { TestRunner } from './run-tests';
import { showExpected } from './show-expected';
import { useServer } from './use-server';
import { whyThis } from './why-this';

interface Parts {
  client: HindsightClient;
  panel: PanelHost;
  tests: TestRunner;
  failing: FailingTestsItem;
  fixes: FixCommand;
  log: LogOutputChannel;
  status: StatusBar;
  availability: Availability;
  secrets: SecretStorage;
}

export function registerCommands(parts: Parts): Disposable {
  const { client, panel, tests, failing, fixes, log, status, availability, secrets } = parts;
  const handlers: Record<string, (argument?: unknown) => unknown> = {
    trainNow: () => trainNow(client),
    chooseModel: () => chooseModel(client),
    useServer: () => useServer(client, secrets),
    openPanel: () => panel.show(),
    rollBack: () => rollBack(client),
    learnAgain: () => learnAgain(client),
    importAdapter: () => importAdapter(client),
    pauseLearning: () => pause(client, true),
    resumeLearning: () => pause(client, false),
    toggleCompletions,
    showLog: () => log.show(),
    runTests: () => tests.run(),
    rerunTests: () => tests.again(),
    showFailingTests: () => failing.show(),
    makeTestPass: (asked) => fixes.run(asked as Asked | undefined),
    commentOnLastCompletion: () => comment(client, null),
    commentOnCompletion: (id) => (typeof id === 'string' ? comment(client, id) : undefined),
    deleteMyData: () => deleteMyData(client),
    exportMyData: () => exportMyData(client),
    restartServer: () => client.restart(),
    showMenu: async () => {
      const rounds = await client.request('hindsight/rounds', { limit: 8 }).catch(() => []);
      const noted = status.noted && notedWords(status.noted);
      return showMenu(status.state, status.status, availability, noted, roundEstimate(rounds));
    },
    showExpected: () => showExpected(client),
    undoNoted: () => undoNoted(client, status),
    whyThis: () => whyThis(client),
    snooze: () => chooseSnooze(availability),
  };
  return Disposable.from(
    ...Object.entries(handlers).map(([name, handler]) =>
      commands.registerCommand(`hindsight.${name}`, async (argument?: unknown) => {
        try {
          return await handler(argument);
        } catch (error) {
          const choice = await window.showWarningMessage(`Hindsight: ${messageOf(error)}`, 'Show Log');
          if (choice) log.show();
        }
      }),
    ),
  );
}

/** How the server says that there is nothing to learn from. */
const NOTHING_NEW = 'There is nothing new to learn from';

async function trainNow(client: HindsightClient): Promise<void> {
  const asked = withProgress(client, 'Hindsight: learning', (workDoneToken, cancel) =>
    client.request('hindsight/trainNow', { workDoneToken }, cancel),
  );
  const round = await asked.catch((error) => {
    if (!messageOf(error).startsWith(NOTHING_NEW)) throw error;
    return messageOf(error);
  });
  if (typeof round === 'string') {
    // That is no error.
    window.showInformationMessage(`Hindsight: ${round}`);
    return;
  }
  if (!round || round.state === 'cancelled') {
    window.showInformationMessage('Hindsight: the round was cancelled; the model is as it was before.');
    return;
  }
  await showResult(client, round);
}

async function rollBack(client: HindsightClient): Promise<void> {
  const { message, undone } = await client.request('hindsight/rollBack', null);
  const choice = await window.showInformationMessage(
    `Hindsight: ${message}`,
    ...(undone > 0 ? ['Learn Again'] : []),
  );
  if (choice) await commands.executeCommand('hindsight.learnAgain');
}

async function learnAgain(client: HindsightClient): Promise<void> {
  const { message } = await client.request('hindsight/learnAgain', { completionId: null });
  window.showInformationMessage(`Hindsight: ${message}`);
}

/** The correction that was just seen is none: it is forgotten, with what was offered there. */
async function undoNoted(client: HindsightClient, status: StatusBar): Promise<void> {
  const { noted } = status;
  if (!noted) {
    window.setStatusBarMessage('Hindsight: nothing was noted just now', 4000);
    return;
  }
  await client.deleteData({ scope: 'event', completionId: noted.completionId });
  status.forgetNoted();
  window.setStatusBarMessage('Hindsight: not noted; nothing will be learned from it', 4000);
}

async function pause(client: HindsightClient, paused: boolean): Promise<void> {
  await client.request('hindsight/pauseLearning', { paused });
  // Before it is shown, so that the palette offers the opposite at once; the status that shows it too comes later.
  await commands.executeCommand('setContext', 'hindsight.learningPaused', paused);
  window.setStatusBarMessage(paused ? 'Hindsight: learning is paused' : 'Hindsight: learning goes on', 4000);
}

async function toggleCompletions(): Promise<void> {
  const configuration = workspace.getConfiguration('hindsight');
  const enabled = !configuration.get('completions.enabled', true);
  const inspected = configuration.inspect<boolean>('completions.enabled');
  const target =
    inspected?.workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
  await configuration.update('completions.enabled', enabled, target);
  window.setStatusBarMessage(`Hindsight: completions are ${enabled ? 'on' : 'off'}`, 4000);
}

/** @param completionId null for the last one accepted or shown */
async function comment(client: HindsightClient, completionId: string | null): Promise<void> {
  const text = await window.showInputBox({
    title: `Hindsight: Comment on ${completionId === null ? 'Last' : 'This'} Completion`,
    prompt: 'What should it have been, and why? The model reads this when it learns.',
    placeHolder: 'For instance: use lg.emit, never console',
    // The panel takes the focus back when the palette closes over it.
    ignoreFocusOut: true,
  });
  if (!text?.trim()) return;
  client.notify('hindsight/feedback', { completionId, text: text.trim(), thumbs: 0, at: Date.now() });
  window.setStatusBarMessage('Hindsight: your words were stored', 4000);
}

async function deleteMyData(client: HindsightClient): Promise<void> {
  const file = window.activeTextEditor?.document.uri;
  const all = {
    label: '$(trash) Everything',
    detail: 'Every completion, its story and every adapter',
    scope: 'all' as const,
  };
  const one = {
    label: '$(file) What came from this file',
    detail: file?.fsPath ?? '',
    scope: 'file' as const,
  };
  const scope = await window.showQuickPick(file?.scheme === 'file' ? [all, one] : [all], {
    title: 'Hindsight: Delete My Data',
    placeHolder: 'What is to be deleted? “Export My Data” saves it first.',
    ignoreFocusOut: true,
  });
  if (!scope) return;
  const question =
    scope.scope === 'all'
      ? 'Delete everything that Hindsight has stored and learned? This cannot be undone.'
      : 'Delete what Hindsight has stored from this file? Adapters that learned from it are dropped; the next round learns anew from the rest.';
  if (!(await confirmDeletion(question, () => exportMyData(client)))) return;
  const uri = scope.scope === 'file' ? file?.toString() : undefined;
  const { message } = await client.deleteData({ scope: scope.scope, uri });
  window.showInformationMessage(`Hindsight: ${message}`);
}

async function exportMyData(client: HindsightClient): Promise<boolean> {
  const projects = namesOf(await client.request('hindsight/projects', null));
  const holds = projects === '' ? '' : ` (holds code of ${projects})`;
  const target = await window.showSaveDialog({
    title: `Hindsight: Export My Data${holds}`,
    saveLabel: 'Export',
    filters: { 'JSON lines': ['jsonl'] },
    // Not in the workspace: there it could be committed, searched and completed from.
    defaultUri: Uri.file(join(homedir(), 'hindsight.jsonl')),
  });
  if (!target) return false;
  const { rows } = await client.request('hindsight/export', { path: target.fsPath });
  window.showInformationMessage(
    `Hindsight: ${rows} rows were written to ${target.fsPath}.${projects === '' ? '' : ` The file holds code of ${projects}.`}`,
  );
  return true;
}
