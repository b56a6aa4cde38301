import type { ServerContext } from '../context';

/** Document synchronisation: each change goes to the documents first, then to capture; a keystroke pauses training. */
export function handleDocuments(server: ServerContext): void {
  const { connection, documents } = server;
  const quietly = () => undefined;

  connection.onDidOpenTextDocument((params) => {
    documents.opened(params);
    server.services().then(({ capture }) => capture.documentOpened(params.textDocument), quietly);
  });

  connection.onDidChangeTextDocument((params) => {
    const changed = documents.changed(params);
    if (!changed) return;
    const { uri, version } = params.textDocument;
    server.services().then((services) => {
      services.training.noteTyping();
      services.capture.documentChanged({ uri, version, contentChanges: params.contentChanges });
    }, quietly);
  });

  connection.onDidSaveTextDocument(({ textDocument: { uri } }) => {
    server.services().then(({ capture }) => capture.documentSaved(uri), quietly);
  });

  connection.onDidCloseTextDocument((params) => {
    documents.closed(params);
    const { uri } = params.textDocument;
    server.services().then(({ capture, engine }) => {
      engine.forget(uri);
      capture.documentClosed(uri);
    }, quietly);
  });
}
