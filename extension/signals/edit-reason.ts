/**
 * Notifies the server of changes that are no correction (undo, format on save, rename, a checkout, a reload), and of those that
 * were not typed (a paste, an agent, another extension).
 */

import {
  Disposable,
  DocumentDropOrPasteEditKind,
  languages,
  RelativePattern,
  type TextDocument,
  type TextDocumentChangeEvent,
  TextDocumentChangeReason,
  type TextEditor,
  window,
  workspace,
} from 'vscode';
import type { HindsightClient } from '../server/client';
import { capturedSchemes } from '../settings/settings';
import { type EditFacts, type Reason, reasonOf } from './edit-source';

/** Files change on disk for a while after HEAD has moved. */
const CHECKOUT_MS = 3000;
/** A save whose end never came (it failed) must not call later edits formatting. */
const SAVE_MS = 5000;
/** The event of the first edit after a save comes before the document is marked dirty. */
const DIRTY_MS = 150;
/** Keys that come at once, as a macro sends them, are this close, in ms. */
const BURST_MS = 30;
/** What is pasted is in the document this soon after the paste was announced. */
const PASTE_MS = 1000;

export class EditReasonWatch implements Disposable {
  private readonly schemes = new Set(capturedSchemes());
  private readonly saving = new Map<string, number>();
  private readonly savedAt = new Map<string, number>();
  private readonly pastedAt = new Map<string, number>();
  /** The line of the cursor as it was after the last change or move. */
  private line: { document: TextDocument; offset: number; text: string } | null = null;
  /** When and where something was typed last. */
  private typed: { document: TextDocument; at: number } | null = null;
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
      this.watchPastes(),
      workspace.onWillSaveTextDocument(({ document }) =>
        this.saving.set(document.uri.toString(), Date.now()),
      ),
      workspace.onDidSaveTextDocument((document) => {
        this.saving.delete(document.uri.toString());
        this.savedAt.set(document.uri.toString(), Date.now());
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.savedAt.delete(document.uri.toString());
        this.pastedAt.delete(document.uri.toString());
      }),
      workspace.onDidChangeTextDocument((event) => this.changed(event)),
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.rememberLine(textEditor)),
      window.onDidChangeActiveTextEditor((editor) => editor && this.rememberLine(editor)),
    );
    if (window.activeTextEditor) this.rememberLine(window.activeTextEditor);
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  /** Stable API has no event for a paste; who might change what is pasted is asked, and this one never does. */
  private watchPastes(): Disposable {
    const selector = [...this.schemes].map((scheme) => ({ scheme }));
    const provideDocumentPasteEdits = (document: TextDocument) => {
      this.pastedAt.set(document.uri.toString(), Date.now());
      return undefined;
    };
    return languages.registerDocumentPasteEditProvider(
      selector,
      { provideDocumentPasteEdits },
      { pasteMimeTypes: ['text/plain'], providedPasteEditKinds: [DocumentDropOrPasteEditKind.Text] },
    );
  }

  private changed(event: TextDocumentChangeEvent): void {
    const { document } = event;
    if (!this.schemes.has(document.uri.scheme) || event.contentChanges.length === 0) return;
    const uri = document.uri.toString();
    const facts = this.factsOf(event, uri);
    const reason = reasonOf(facts);
    if (reason === 'paste') this.pastedAt.delete(uri);
    if (reason) this.notify(uri, document.version, reason);
    else if (document.isDirty) this.typed = { document, at: Date.now() };
    else this.lookAtDisk(document, uri, facts);
    const editor = window.activeTextEditor;
    if (editor?.document === document) this.rememberLine(editor);
  }

  private notify(uri: string, version: number, reason: Reason): void {
    this.client.notify('hindsight/editReason', { uri, version, reason });
  }

  /** A change after which the document still equals the disk, though nobody saved it, came from there. */
  private lookAtDisk(document: TextDocument, uri: string, facts: EditFacts): void {
    const { version } = document;
    const at = Date.now();
    setTimeout(() => {
      if (document.isClosed || (this.savedAt.get(uri) ?? 0) >= at) return;
      const fromDisk = at - this.headMovedAt < CHECKOUT_MS ? 'checkout' : 'reload';
      const reason = document.isDirty ? reasonOf({ ...facts, dirty: true }) : fromDisk;
      if (reason) this.notify(uri, version, reason);
    }, DIRTY_MS);
  }

  private factsOf({ document, contentChanges, reason }: TextDocumentChangeEvent, uri: string): EditFacts {
    const now = Date.now();
    const active = window.activeTextEditor?.document === document ? window.activeTextEditor : undefined;
    const editor = active ?? window.visibleTextEditors.find((each) => each.document === document);
    return {
      changes: contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        removed: rangeLength,
        text,
      })),
      reason:
        reason === TextDocumentChangeReason.Undo
          ? 'undo'
          : reason === TextDocumentChangeReason.Redo
            ? 'redo'
            : undefined,
      saving: now - (this.saving.get(uri) ?? 0) < SAVE_MS,
      dirty: document.isDirty,
      shown: active ? 'active' : editor ? 'visible' : 'nowhere',
      selections: this.selectionsOf(editor),
      line: this.line?.document === document ? this.line : null,
      pasting: now - (this.pastedAt.get(uri) ?? 0) < PASTE_MS,
      typing: this.typed?.document === document && now - this.typed.at < BURST_MS,
    };
  }

  /** The editor reports a change before it moves the cursor: these are the selections that the change was made at. */
  private selectionsOf(editor: TextEditor | undefined): { start: number; end: number }[] {
    const { line } = this;
    return (editor?.selections ?? []).map(({ start, end, active }) => {
      // Offsets of the text before the change are known on the cursor's line; the rest of the document has moved.
      const known = line?.document === editor?.document && line !== null;
      const offset = (character: number) => line!.offset + Math.min(character, line!.text.length);
      return known && start.line === end.line && active === editor!.selection.active
        ? { start: offset(start.character), end: offset(end.character) }
        : { start: editor!.document.offsetAt(start), end: editor!.document.offsetAt(end) };
    });
  }

  private rememberLine(editor: TextEditor): void {
    if (editor !== window.activeTextEditor) return;
    const { document, selection } = editor;
    const line = Math.min(selection.active.line, document.lineCount - 1);
    const { text, range } = document.lineAt(line);
    this.line = { document, offset: document.offsetAt(range.start), text };
  }
}
