import { InlineCompletionTriggerKind, type Position } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { errorMessage } from '../base/errors';
import type { Place } from '../completion/engine';
import type { ServerContext } from '../context';
import { displayPath } from '../documents';
import { ACCEPTED_COMMAND } from '../protocol/messages';
import { onNotification, onRequest } from '../wire';

/** `textDocument/inlineCompletion`: one item at most; its command tells which completion was accepted. */
export function handleCompletions(server: ServerContext): void {
  onRequest(server.connection, 'hindsight/whyQuiet', async ({ uri }) =>
    (await server.services()).whyQuiet(uri),
  );
  onNotification(server.connection, 'hindsight/cursor', async ({ uri, version, position, declared }) => {
    const services = await server.services();
    const document = server.documents.get(uri);
    if (!document || document.version !== version || !services.settings.completions.enabled) return;
    services.placeContext.declared(uri, declared);
    if ((await services.whyQuiet(uri)) === null) await services.engine.readAhead(placeIn(document, position));
  });

  /** A position of the document's text as it is now. */
  function placeIn(document: TextDocument, position: Position): Place {
    const { uri, languageId } = document;
    return {
      uri,
      path: displayPath(uri, server.workspaceFolders),
      languageId,
      text: document.getText(),
      offset: document.offsetAt(position),
      line: position.line,
      character: position.character,
    };
  }

  server.connection.languages.inlineCompletion.on(async (params, token) => {
    const document = server.documents.get(params.textDocument.uri);
    if (!document) return null;
    // The position is of this text: what is typed while others are asked is of a later one.
    const { position } = params;
    const place = placeIn(document, position);
    const services = await server.services().catch(() => null);
    if (!services?.settings.completions.enabled || (await services.whyQuiet(document.uri)) !== null)
      return null;
    try {
      const offered = await services.engine.complete(
        place,
        () => token.isCancellationRequested,
        params.context.triggerKind === InlineCompletionTriggerKind.Invoked,
      );
      services.completionWorked();
      if (!offered) return null;
      return [
        {
          insertText: offered.text,
          range: { start: position, end: position },
          command: { title: 'Accepted', command: ACCEPTED_COMMAND, arguments: [offered.completionId] },
        },
      ];
    } catch (error) {
      server.connection.console.error(`Completion: ${errorMessage(error)}`);
      services.completionFailed(errorMessage(error));
      return null;
    }
  });
}
