/** The host of the feedback panel: its page, and the wire between the page and the server. */

import { randomBytes } from 'node:crypto';
import {
  commands,
  Disposable,
  Range,
  Uri,
  ViewColumn,
  type Webview,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { confirmDeletion } from '../commands/confirm-deletion';
import { messageOf } from '../log';
import type { HindsightClient } from '../server/client';
import { checkedMessage, plainPath } from './check-message';
import { FORWARDED_NOTIFICATIONS, type FromPage, type ToPage } from './messages';

const VIEW_TYPE = 'hindsight.panel';

export class PanelHost implements Disposable {
  private panel: WebviewPanel | undefined;
  private readonly subscriptions: Disposable;

  constructor(
    private readonly extensionUri: Uri,
    private readonly client: HindsightClient,
  ) {
    this.subscriptions = Disposable.from(
      ...FORWARDED_NOTIFICATIONS.map((method) =>
        client.on(method, (parameters) => this.post({ kind: 'event', method, parameters })),
      ),
      client.onFailed((message) => this.post({ kind: 'gone', message })),
      window.registerWebviewPanelSerializer(VIEW_TYPE, {
        deserializeWebviewPanel: async (panel: WebviewPanel) => this.adopt(panel),
      }),
    );
  }

  /** Opens the panel beside the editor, or brings it to the front. */
  show(): void {
    if (this.panel) {
      this.panel.reveal();
      return;
    }
    this.adopt(
      window.createWebviewPanel(VIEW_TYPE, 'Hindsight: Feedback', {
        viewColumn: ViewColumn.Beside,
        preserveFocus: false,
      }),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.panel?.dispose();
  }

  private adopt(panel: WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = Uri.joinPath(this.extensionUri, 'media', 'icon.svg');
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(this.extensionUri, 'dist')],
    };
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const checked = checkedMessage(message);
      if (checked) return this.receive(checked);
    });
    panel.onDidDispose(() => {
      if (this.panel === panel) this.panel = undefined;
    });
    panel.webview.html = pageOf(panel.webview, this.extensionUri);
  }

  private post(message: ToPage): void {
    this.panel?.webview.postMessage(message);
  }

  private async receive(message: FromPage): Promise<void> {
    switch (message.kind) {
      case 'request':
        return this.answer(message);
      case 'command':
        await commands.executeCommand(`hindsight.${message.command}`);
        return;
      case 'feedback': {
        const { completionId, text, thumbs } = message;
        return this.client.notify('hindsight/feedback', { completionId, text, thumbs, at: Date.now() });
      }
      case 'delete':
        return this.deleteEvent(message.completionId);
      case 'open':
        return open(message.uri, message.line);
    }
  }

  private async answer({ id, method, parameters }: FromPage & { kind: 'request' }): Promise<void> {
    try {
      this.post({ kind: 'answer', id, result: await this.client.request(method, parameters) });
    } catch (error) {
      this.post({ kind: 'failure', id, message: messageOf(error) });
    }
  }

  private async deleteEvent(completionId: string): Promise<void> {
    const question =
      'Delete this completion and all that is stored of it? Adapters that learned from it are dropped; the next round learns anew from the rest.';
    const exportData = async () => (await commands.executeCommand('hindsight.exportMyData')) === true;
    if (!(await confirmDeletion(question, exportData))) return;
    try {
      const { message } = await this.client.deleteData({ scope: 'event', completionId });
      window.showInformationMessage(`Hindsight: ${message}`);
    } catch (error) {
      window.showErrorMessage(`Hindsight: ${messageOf(error)}`);
    }
  }
}

/** @throws Error for anything but a file below one of the workspace's folders */
function inWorkspace(uri: string): Uri {
  const parsed = Uri.parse(uri, true);
  const path = plainPath(parsed.path);
  const plain = path === null ? null : parsed.with({ path });
  if (!plain || !workspace.getWorkspaceFolder(plain)) throw new Error('it lies outside the workspace.');
  return plain;
}

async function open(uri: string, line: number): Promise<void> {
  try {
    const document = await workspace.openTextDocument(inWorkspace(uri));
    const selection = new Range(line, 0, line, 0);
    await window.showTextDocument(document, { selection, viewColumn: ViewColumn.One });
  } catch (error) {
    window.showWarningMessage(`Hindsight: the file cannot be opened: ${messageOf(error)}`);
  }
}

function pageOf(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64url');
  const asset = (name: string) => webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', name)).toString();
  const policy = [
    "default-src 'none'",
    `style-src ${webview.cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${asset('panel.css')}">
<title>Hindsight: Feedback</title>
</head>
<body>
<div id="app"></div>
<script nonce="${nonce}" src="${asset('panel.js')}"></script>
</body>
</html>`;
}
