/** Where a fix is searched: what is selected, else the completion that is blamed, else the innermost function that a failure points at. */
import {
  commands,
  type DocumentSymbol,
  type Location,
  type LocationLink,
  Position,
  type Range,
  SymbolKind,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { FailingTest, FixRange } from '../../server/protocol/fixing';
import { bodyOf, calledIn } from './body';

export interface Place {
  document: TextDocument;
  range: FixRange;
}

const FUNCTIONS = new Set([SymbolKind.Function, SymbolKind.Method, SymbolKind.Constructor]);

/** The lines that are selected in a file that the failure does not call a test; null where none are. */
export function selectedPlace(test: FailingTest): Place | null {
  const editor = window.activeTextEditor;
  if (!editor || editor.selection.isEmpty || editor.document.uri.scheme !== 'file') return null;
  const { document, selection } = editor;
  if (test.places.some(({ path, isTest }) => isTest && path === document.uri.fsPath)) return null;
  // A selection that ends at a line's start does not mean that line.
  const last = selection.end.character === 0 ? selection.end.line : selection.end.line + 1;
  return {
    document,
    range: { first: selection.start.line + 1, last: Math.max(selection.start.line + 1, last) },
  };
}

/**
 * The completion that a failure was laid to, else the innermost function of the project's code that it points at; null where
 * neither is found.
 */
export async function failedPlace(test: FailingTest): Promise<Place | null> {
  if (test.completion) {
    const { path, range } = test.completion;
    return { document: await workspace.openTextDocument(Uri.file(path)), range };
  }
  const code = test.places.find(({ isTest }) => !isTest);
  if (code) {
    const document = await workspace.openTextDocument(Uri.file(code.path));
    const found = await functionAt(document, new Position(code.line - 1, 0));
    return found ?? { document, range: { first: code.line, last: code.line } };
  }
  for (const { path, line } of test.places.slice(0, 3)) {
    const found = await calledFrom(await workspace.openTextDocument(Uri.file(path)), line - 1);
    if (found) return found;
  }
  return null;
}

/** The first function of another file of the workspace that a line calls. */
async function calledFrom(test: TextDocument, number: number): Promise<Place | null> {
  if (number >= test.lineCount) return null;
  for (const column of calledIn(test.lineAt(number).text)) {
    const definitions = await commands.executeCommand<(Location | LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      test.uri,
      new Position(number, column),
    );
    for (const definition of definitions ?? []) {
      const [uri, range] =
        'targetUri' in definition
          ? [definition.targetUri, definition.targetSelectionRange ?? definition.targetRange]
          : [definition.uri, definition.range];
      const own =
        workspace.getWorkspaceFolder(uri) && !/[\\/](?:node_modules|site-packages)[\\/]/.test(uri.fsPath);
      if (uri.scheme !== 'file' || uri.fsPath === test.uri.fsPath || !own) continue;
      const found = await functionAt(await workspace.openTextDocument(uri), range.start);
      if (found) return found;
    }
  }
  return null;
}

async function functionAt(document: TextDocument, position: Position): Promise<Place | null> {
  const symbols = await commands.executeCommand<DocumentSymbol[]>(
    'vscode.executeDocumentSymbolProvider',
    document.uri,
  );
  const range = innermost(symbols ?? [], document.lineAt(position.line).range);
  if (!range) return null;
  const lines = document.getText().split(/\r?\n/);
  return { document, range: bodyOf(lines, { first: range.start.line + 1, last: range.end.line + 1 }) };
}

/** The innermost function whose lines touch `at`. */
function innermost(symbols: readonly DocumentSymbol[], at: Range): Range | null {
  for (const symbol of symbols) {
    if (!symbol.range?.intersection(at)) continue;
    const inner = innermost(symbol.children ?? [], at);
    if (inner) return inner;
    const isFunction =
      FUNCTIONS.has(symbol.kind) ||
      ([SymbolKind.Variable, SymbolKind.Constant, SymbolKind.Property].includes(symbol.kind) &&
        symbol.range.end.line > symbol.range.start.line);
    if (isFunction) return symbol.range;
  }
  return null;
}
