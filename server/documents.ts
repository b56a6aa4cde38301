import { relative } from 'node:path';
import type {
  DidChangeTextDocumentParams,
  DidCloseTextDocumentParams,
  DidOpenTextDocumentParams,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { filePath } from './base/file-path';

/**
 * The open documents, kept up to date by incremental changes. (The language server library's own manager hides the
 * changes' ranges, which span tracking needs.)
 */
export class Documents {
  private readonly open = new Map<string, TextDocument>();

  get(uri: string): TextDocument | undefined {
    return this.open.get(uri);
  }

  opened({ textDocument: { uri, languageId, version, text } }: DidOpenTextDocumentParams): TextDocument {
    const document = TextDocument.create(uri, languageId, version, text);
    this.open.set(uri, document);
    return document;
  }

  /** @returns the document and its text before the change, or null where it was never opened */
  changed(params: DidChangeTextDocumentParams): { document: TextDocument; before: string } | null {
    const document = this.open.get(params.textDocument.uri);
    if (!document) return null;
    const before = document.getText();
    TextDocument.update(document, params.contentChanges, params.textDocument.version);
    return { document, before };
  }

  closed({ textDocument: { uri } }: DidCloseTextDocumentParams): void {
    this.open.delete(uri);
  }

  all(): TextDocument[] {
    return [...this.open.values()];
  }
}

/** The path a person would call the file by: relative to its workspace folder, with forward slashes. */
export function displayPath(uri: string, folders: readonly string[]): string {
  const file = filePath(uri);
  if (file === null) return uri.slice(uri.lastIndexOf('/') + 1);
  for (const folder of folders) {
    const path = relative(folder, file);
    if (path !== '' && !path.startsWith('..')) return path.split('\\').join('/');
  }
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
