/** Tells the server where the cursor has come to: it reads ahead there. Typing is told of by the changes themselves. */

import { type Disposable, type TextEditor, window } from 'vscode';
import type { HindsightClient } from '../server/client';

/** Who walks through a file stops nowhere for less. */
const REST_MS = 150;

export class CursorWatch implements Disposable {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly client: HindsightClient,
    private readonly allows: (document: TextEditor['document']) => boolean,
  ) {
    this.subscriptions = [
      window.onDidChangeActiveTextEditor((editor) => this.rest(editor)),
      window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        // A program's selection is nobody's place. A key that types moves the cursor as well: once nothing more comes, it rests.
        if (kind !== undefined) this.rest(textEditor);
      }),
    ];
    this.rest(window.activeTextEditor);
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const one of this.subscriptions) one.dispose();
  }

  private rest(editor: TextEditor | undefined): void {
    clearTimeout(this.timer);
    if (!editor) return;
    const { document } = editor;
    const { version } = document;
    this.timer = setTimeout(() => {
      // What was typed meanwhile has asked for itself.
      if (editor !== window.activeTextEditor || document.version !== version || !this.allows(document))
        return;
      const { line, character } = editor.selection.active;
      this.client.notify('hindsight/cursor', {
        uri: document.uri.toString(),
        version,
        position: { line, character },
      });
    }, REST_MS);
  }
}
