/** Binds the offer tracker to the editor: completions as they come, changes, the cursor, the accepted command. */

import {
  commands,
  Disposable,
  type InlineCompletionItem,
  type InlineCompletionList,
  type Position,
  type TextDocument,
  window,
  workspace,
} from 'vscode';
import type { Middleware } from 'vscode-languageclient';
import { ACCEPTED_COMMAND } from '../../server/protocol/messages';
import type { HindsightClient } from '../server/client';
import { OfferTracker } from './offer';

export class Acceptance implements Disposable {
  private client: HindsightClient | undefined;
  /** Ghost text of ours may be on screen: otherwise changes and cursors are none of our business. */
  private offering = false;
  private readonly tracker = new OfferTracker({
    shown: (report) => this.client?.notify('hindsight/shown', report),
    accepted: (report) => this.client?.notify('hindsight/accepted', report),
    rejected: (report) => this.client?.notify('hindsight/rejected', report),
    offering: (visible) => {
      this.offering = visible;
    },
  });

  /** @param allows whether completions are to be asked for in a document */
  constructor(private readonly allows: (document: TextDocument) => boolean) {}

  /** For the language client: sees what the server offers before the editor does. */
  readonly middleware: Middleware = {
    provideInlineCompletionItems: async (document, position, context, token, next) => {
      if (!this.allows(document)) return [];
      const result = await next(document, position, context, token);
      if (token.isCancellationRequested) return result;
      const item = firstItem(result);
      if (item) this.offer(document, position, item);
      return result;
    },
  };

  /** Starts to listen. */
  start(client: HindsightClient): Disposable {
    this.client = client;
    return Disposable.from(
      commands.registerCommand(ACCEPTED_COMMAND, (id: unknown) => {
        if (typeof id === 'string') this.tracker.accepted(id);
      }),
      // Bound to Escape wherever ghost text is seen, another's too: setting a context key whenever it is ours costs as much as a key itself.
      commands.registerCommand('hindsight.reject', () => {
        this.tracker.escaped();
        return commands.executeCommand('editor.action.inlineSuggest.hide');
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (!this.offering || contentChanges.length === 0) return;
        this.tracker.changed(
          document.uri.toString(),
          contentChanges.map((change) => ({
            offset: change.rangeOffset,
            removed: change.rangeLength,
            text: change.text,
          })),
        );
      }),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const cursor = selections[0]?.active;
        if (!this.offering || !cursor || textEditor !== window.activeTextEditor) return;
        const { document } = textEditor;
        this.tracker.moved(document.uri.toString(), document.offsetAt(cursor));
      }),
      window.onDidChangeActiveTextEditor((editor) => {
        if (this.offering && editor) this.tracker.moved(editor.document.uri.toString(), -1);
      }),
      this,
    );
  }

  dispose(): void {
    this.tracker.dispose();
  }

  private offer(document: TextDocument, position: Position, item: InlineCompletionItem): void {
    const completionId: unknown = item.command?.arguments?.[0];
    if (item.command?.command !== ACCEPTED_COMMAND || typeof completionId !== 'string') return;
    const whole = typeof item.insertText === 'string' ? item.insertText : item.insertText.value;
    // The item may replace what stands before the cursor; the ghost text is what comes after it.
    const before = item.range ? document.offsetAt(position) - document.offsetAt(item.range.start) : 0;
    const text = whole.slice(before);
    if (!text) return;
    this.tracker.offered({
      completionId,
      uri: document.uri.toString(),
      offset: document.offsetAt(position),
      text,
    });
  }
}

function firstItem(
  result: InlineCompletionItem[] | InlineCompletionList | null | undefined,
): InlineCompletionItem | undefined {
  return Array.isArray(result) ? result[0] : result?.items[0];
}
