/** Activation: makes the parts and ties them together. What they do is in their own files. */

import type { ExtensionContext } from 'vscode';
import { registerCommands } from './commands/commands';
import { offerFirstModel } from './commands/first-model';
import { TestRunner } from './commands/run-tests';
import { tellWeekly } from './commands/weekly-line';
import { followBuilds, inDevelopment } from './development';
import { FailingTests } from './fixing/failing-tests';
import { followFailingTests } from './fixing/lenses';
import { FixCommand } from './fixing/make-it-pass';
import { createLog, messageOf } from './log';
import { Acceptance } from './offers/acceptance';
import { Availability } from './offers/availability';
import { PanelHost } from './panel/host';
import { HindsightClient } from './server/client';
import { onSettingsChanged } from './settings/settings';
import { CursorWatch } from './signals/cursor';
import { DiagnosticsWatch } from './signals/diagnostics';
import { EditReasonWatch } from './signals/edit-reason';
import { ReportWatch } from './signals/reports';
import { TerminalWatch } from './signals/terminal';
import { followTrust } from './signals/trust';
import { FailingTestsItem } from './status/failing-tests';
import { StatusBar } from './status/status-bar';

let client: HindsightClient | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = createLog();
  const availability = new Availability();
  const acceptance = new Acceptance((document) => availability.allows(document));
  client = new HindsightClient(context, log, acceptance.middleware);
  const panel = new PanelHost(context.extensionUri, client);
  const tests = new TestRunner(client);
  const failingTests = new FailingTests(client);
  const failing = new FailingTestsItem(failingTests, () => tests.again());
  const fixes = new FixCommand(client);
  const status = new StatusBar(client, availability);
  context.subscriptions.push(
    log,
    client,
    availability,
    status,
    panel,
    tests,
    failingTests,
    failing,
    fixes,
    followFailingTests(failingTests),
    registerCommands({
      client,
      panel,
      tests,
      failing,
      fixes,
      log,
      status,
      availability,
      secrets: context.secrets,
    }),
    acceptance.start(client),
    new TerminalWatch(client),
    new ReportWatch(client, log),
    new DiagnosticsWatch(client),
    new EditReasonWatch(client),
    new CursorWatch(client, (document) => availability.allows(document)),
    followTrust(client),
    tellWeekly(client, context.globalState),
    onSettingsChanged((settings) => client?.notify('hindsight/settings', settings)),
  );
  if (inDevelopment(context)) context.subscriptions.push(followBuilds(context, client, log));
  await client.start();
  void offerFirstModel(client, context.globalState).catch((error) =>
    log.warn(`First model: ${messageOf(error)}`),
  );
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
