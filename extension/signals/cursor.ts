/** Tells the server where the cursor has come to: it reads ahead there. Typing is told of by the changes themselves. */

import { type Disposable, type Position, type TextDocument, type TextEditor, window } from 'vscode';
import type { HindsightClient } from '../server/client';
import { declaredNear } from './definitions';

/** Who walks through a file stops nowhere for less. */
const REST_MS = 150;
/** Within so many lines the names around the cursor are asked for once: context stays as long there. */
const NEAR_LINES = 12;

export class CursorWatch implements Disposable {
  /** Where declarations were asked for the last time. */
  private asked: { uri: string; line: number } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly subscriptions: Disposable[];

  constructor(
    private readonly client: HindsightClient,
    private readonly allows: (document: TextDocument) => boolean,
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
      void this.send(document, editor.selection.active);
    }, REST_MS);
  }

  private async send(document: TextDocument, cursor: Position): Promise<void> {
    const { version } = document;
    const uri = document.uri.toString();
    const position = { line: cursor.line, character: cursor.character };
    const isNear = this.asked?.uri === uri && Math.abs(this.asked.line - cursor.line) <= NEAR_LINES;
    if (!isNear) this.asked = { uri, line: cursor.line };
    const declared = isNear ? [] : await declaredNear(document, cursor);
    if (document.version === version)
      this.client.notify('hindsight/cursor', { uri, version, position, declared });
  }
}
