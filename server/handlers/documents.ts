import type { ServerContext } from '../context';

/** Document synchronisation: each change goes to the documents first, then to capture; a keystroke pauses training. */
export function handleDocuments(server: ServerContext): void {
  const { connection, documents } = server;

  connection.onDidOpenTextDocument((params) => {
    documents.opened(params);
    server.handOver('didOpen', ({ capture, placeContext }) => {
      placeContext.opened(params.textDocument);
      capture.documentOpened(params.textDocument);
    });
  });

  connection.onDidChangeTextDocument((params) => {
    const changed = documents.changed(params);
    if (!changed) return;
    const { uri, version } = params.textDocument;
    const { before } = changed;
    const after = changed.document.getText();
    server.handOver('didChange', ({ capture, training, placeContext }) => {
      training.noteTyping();
      placeContext.changed({ uri, version, before, after });
      capture.documentChanged({ uri, version, contentChanges: params.contentChanges });
    });
  });

  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
    server.handOver('didSave', ({ capture }) => capture.documentSaved(uri));
  });

  connection.onDidCloseTextDocument((params) => {
    documents.closed(params);
    const { uri } = params.textDocument;
    server.handOver('didClose', ({ capture, engine, placeContext }) => {
      engine.forget(uri);
      placeContext.closed(uri);
      capture.documentClosed(uri);
    });
  });
}
