/** Only where the extension runs from a checkout (`npm run dev`, F5): a new build takes effect by itself. */

import { watch } from 'node:fs';
import {
  commands,
  type Disposable,
  type ExtensionContext,
  ExtensionMode,
  type LogOutputChannel,
} from 'vscode';

/** Ports that a debugger attaches to; .vscode/launch.json names the same. A worker thread shares its process' port. */
const SERVER_PORT = 6019;
const TRAINER_PORT = 6029;

/** A build writes several bundles; they are taken up together, in ms. */
const TOGETHER_MS = 300;

export const inDevelopment = (context: ExtensionContext): boolean =>
  context.extensionMode === ExtensionMode.Development;

/** How the server is started so that it and the trainer can be attached to. */
export function debugOptions(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  return {
    execArgv: ['--nolazy', `--inspect=${SERVER_PORT}`],
    env: { ...process.env, HINDSIGHT_INSPECT_TRAINER: String(TRAINER_PORT) },
  };
}

/** Restarts the server when its bundles change, and reloads the window when the extension's own does. */
export function followBuilds(
  context: ExtensionContext,
  client: { restart(): Promise<void> },
  log: LogOutputChannel,
): Disposable {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const take = async () => {
    const names = [...changed];
    changed.clear();
    log.info(`Built anew: ${names.join(', ')}.`);
    if (names.includes('extension.js')) await commands.executeCommand('workbench.action.reloadWindow');
    else await client.restart();
  };
  const watcher = watch(context.asAbsolutePath('dist'), (_, name) => {
    // The panel's page is read when it is opened; maps and grammars are of no account.
    if (!name?.endsWith('.js') || name === 'panel.js' || name === 'cli.js') return;
    changed.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => take().catch((error) => log.warn(String(error))), TOGETHER_MS);
  });
  return {
    dispose: () => {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
