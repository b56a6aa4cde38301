/** Activation: makes the parts and ties them together. What they do is in their own files. */

import type { ExtensionContext } from 'vscode';
import { Acceptance } from './acceptance';
import { HindsightClient } from './client';
import { registerCommands } from './commands';
import { DiagnosticsWatch } from './diagnostics';
import { EditReasonWatch } from './edit-reason';
import { createLog } from './log';
import { PanelHost } from './panel';
import { ReportWatch } from './reports';
import { TestRunner } from './run-tests';
import { onSettingsChanged } from './settings';
import { StatusBar } from './status-bar';
import { TerminalWatch } from './terminal';
import { followTrust } from './trust';

let client: HindsightClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = createLog();
  const acceptance = new Acceptance();
  client = new HindsightClient(context, log, acceptance.middleware);
  const panel = new PanelHost(context.extensionUri, client);
  const tests = new TestRunner(client);
  context.subscriptions.push(
    log,
    client,
    new StatusBar(client),
    panel,
    tests,
    registerCommands({ client, panel, tests, log }),
    acceptance.start(client),
    new TerminalWatch(client),
    new ReportWatch(client, log),
    new DiagnosticsWatch(client),
    new EditReasonWatch(client),
    followTrust(client),
    onSettingsChanged((settings) => client?.notify('hindsight/settings', settings)),
  );
  await client.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
