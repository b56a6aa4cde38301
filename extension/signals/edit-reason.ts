/** Notifies the server of changes that are no correction: undo, format on save, rename, a checkout, a reload. */

import {
  Disposable,
  RelativePattern,
  type TextDocument,
  type TextDocumentChangeEvent,
  TextDocumentChangeReason,
  window,
  workspace,
} from 'vscode';
import type { ClientNotifications } from '../../server/protocol/messages';
import type { HindsightClient } from '../server/client';
import { capturedSchemes } from '../settings/settings';

type Reason = ClientNotifications['hindsight/editReason']['reason'];

/** Files change on disk for a while after HEAD has moved. */
const CHECKOUT_MS = 3000;
/** A save whose end never came (it failed) must not call later edits formatting. */
const SAVE_MS = 5000;
/** The event of the first edit after a save comes before the document is marked dirty. */
const DIRTY_MS = 150;

export class EditReasonWatch implements Disposable {
  private readonly schemes = new Set(capturedSchemes());
  private readonly saving = new Map<string, number>();
  private readonly savedAt = new Map<string, number>();
  private headMovedAt = 0;
  private readonly subscriptions: Disposable;

  constructor(private readonly client: HindsightClient) {
    const heads = (workspace.workspaceFolders ?? []).map((folder) => {
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(folder, '.git/HEAD'));
      const moved = () => {
        this.headMovedAt = Date.now();
      };
      return Disposable.from(watcher, watcher.onDidChange(moved), watcher.onDidCreate(moved));
    });
    this.subscriptions = Disposable.from(
      ...heads,
      workspace.onWillSaveTextDocument(({ document }) =>
        this.saving.set(document.uri.toString(), Date.now()),
      ),
      workspace.onDidSaveTextDocument((document) => {
        this.saving.delete(document.uri.toString());
        this.savedAt.set(document.uri.toString(), Date.now());
      }),
      workspace.onDidCloseTextDocument((document) => this.savedAt.delete(document.uri.toString())),
      workspace.onDidChangeTextDocument((event) => this.changed(event)),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private changed(event: TextDocumentChangeEvent): void {
    const { document } = event;
    if (!this.schemes.has(document.uri.scheme) || event.contentChanges.length === 0) return;
    const uri = document.uri.toString();
    const reason = this.reasonOf(event, uri);
    if (reason) this.client.notify('hindsight/editReason', { uri, version: document.version, reason });
    else if (!document.isDirty) this.lookAtDisk(document, uri);
  }

  /** A change after which the document still equals the disk, though nobody saved it, came from there. */
  private lookAtDisk(document: TextDocument, uri: string): void {
    const { version } = document;
    const at = Date.now();
    setTimeout(() => {
      if (document.isDirty || document.isClosed || (this.savedAt.get(uri) ?? 0) >= at) return;
      const reason = at - this.headMovedAt < CHECKOUT_MS ? 'checkout' : 'reload';
      this.client.notify('hindsight/editReason', { uri, version, reason });
    }, DIRTY_MS);
  }

  private reasonOf(event: TextDocumentChangeEvent, uri: string): Reason | undefined {
    const now = Date.now();
    if (event.reason === TextDocumentChangeReason.Undo) return 'undo';
    if (event.reason === TextDocumentChangeReason.Redo) return 'redo';
    if (now - (this.saving.get(uri) ?? 0) < SAVE_MS) return 'format';
    const editor = window.visibleTextEditors.find((each) => each.document === event.document);
    if (!editor) return event.document.isDirty ? 'refactoring' : undefined;
    const cursors = editor.selections.length;
    return isRename(event.contentChanges, cursors) ? 'rename' : undefined;
  }
}

/** Several replacements by one and the same text that no cursors typed: a rename. */
export function isRename(
  changes: readonly { text: string; rangeLength: number }[],
  cursors: number,
): boolean {
  if (changes.length < 2 || cursors === changes.length) return false;
  const [first] = changes;
  return changes.every((each) => each.text === first!.text && each.rangeLength > 0) && first!.text !== '';
}
