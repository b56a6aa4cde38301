/** *Show What You Expected*: after a refused offer, or where none came, the developer types what should have stood there. */
import { Range, WorkspaceEdit, window, workspace } from 'vscode';
import type { HindsightClient } from '../server/client';

/** What was typed goes into the document as well: nobody should type it twice. */
export async function showExpected(client: HindsightClient): Promise<void> {
  const editor = window.activeTextEditor;
  if (!editor) {
    window.showInformationMessage(
      'Hindsight: open a file and put the cursor where something should have been offered.',
    );
    return;
  }
  const { document } = editor;
  const position = editor.selection.active;
  const before = document.lineAt(position.line).text.slice(0, position.character).trim();
  const text = await window.showInputBox({
    title: 'Hindsight: Show What You Expected',
    prompt:
      before === ''
        ? 'What should have been offered here?'
        : `What should have been offered behind “${before.slice(-40)}”?`,
    placeHolder: 'The code, as you would have typed it',
    ignoreFocusOut: true,
  });
  if (!text?.trim()) return;
  const stored = await client.request('hindsight/expected', {
    uri: document.uri.toString(),
    line: position.line,
    character: position.character,
    text,
    offered: '',
  });
  const edit = new WorkspaceEdit();
  edit.insert(document.uri, position, text);
  await workspace.applyEdit(edit);
  const end = position.translate(0, text.length);
  editor.revealRange(new Range(position, end));
  window.setStatusBarMessage(
    stored
      ? 'Hindsight: noted, at full weight'
      : 'Hindsight: put there, but nothing is learned from this file',
    4000,
  );
}
