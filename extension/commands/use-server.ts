/** "Hindsight: Use a Model Server…": completions by llama.cpp's server, vLLM, LM Studio, Ollama or another one that speaks as OpenAI's does. */

import { ConfigurationTarget, type SecretStorage, window, workspace } from 'vscode';
import { messageOf } from '../log';
import type { HindsightClient } from '../server/client';
import { readServerKey, storeServerKey } from '../server/server-key';

const TITLE = 'Hindsight: Use a Model Server';

interface Found {
  url: string;
  host: string;
  models: string[];
  key: string | null;
}

export async function useServer(client: HindsightClient, secrets: SecretStorage): Promise<void> {
  const configuration = workspace.getConfiguration('hindsight');
  const url = await window.showInputBox({
    title: TITLE,
    prompt: 'Address of the server',
    value: configuration.get('model.server', '') || 'http://localhost:8080',
    placeHolder: 'http://localhost:8080',
    ignoreFocusOut: true,
  });
  if (!url?.trim()) return;
  const found = await find(client, secrets, url.trim());
  const model = found && (await chooseOf(found));
  if (!found || model === undefined || !(await agrees(found.host))) return;
  const key = found.key === null ? null : { host: found.host, key: found.key };
  await storeServerKey(secrets, key);
  client.notify('hindsight/serverKey', { key });
  await configuration.update('model.serverModel', model, ConfigurationTarget.Global);
  await configuration.update('model.server', found.url, ConfigurationTarget.Global);
}

/** Asks for a key where the server refuses without one; undefined where none was given. */
async function find(
  client: HindsightClient,
  secrets: SecretStorage,
  url: string,
): Promise<Found | undefined> {
  const known = await readServerKey(secrets);
  let key = known !== null && hostOf(url) === known.host ? known.key : null;
  for (;;) {
    try {
      return { url, key, ...(await client.request('hindsight/servedModels', { url, key })) };
    } catch (error) {
      if (!/\(40[13]\)/.test(messageOf(error))) throw error;
      const given = await window.showInputBox({
        title: TITLE,
        prompt: `Key for ${hostOf(url)}: kept in the editor’s secret storage, sent to that host only`,
        password: true,
        ignoreFocusOut: true,
      });
      if (!given?.trim()) return undefined;
      key = given.trim();
    }
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return '';
  }
}

async function chooseOf({ models, host }: Found): Promise<string | undefined> {
  if (models.length === 0) throw new Error(`${host} serves no model: load one there.`);
  if (models.length === 1) return models[0];
  return window.showQuickPick(models, { title: TITLE, placeHolder: `Which model of ${host}?` });
}

/** What it means, before anything is sent. */
async function agrees(host: string): Promise<boolean> {
  const answer = await window.showWarningMessage(
    `Send your code to ${host}?`,
    {
      modal: true,
      detail: [
        `Each completion sends the code around the cursor, and pieces of other files of the project, to ${host}. Excluded files are never sent, and secrets that are recognised are taken out first.`,
        'A model on a server is not trained: Hindsight goes on storing what you do with its completions, here, and can export it.',
      ].join('\n\n'),
    },
    'Send It',
  );
  return answer === 'Send It';
}
