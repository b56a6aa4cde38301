import { InlineCompletionTriggerKind } from 'vscode-languageserver/node';
import { errorMessage } from '../base/errors';
import type { ServerContext } from '../context';
import { displayPath } from '../documents';
import { ACCEPTED_COMMAND } from '../protocol/messages';
import { onRequest } from '../wire';

/** `textDocument/inlineCompletion`: one item at most; its command tells which completion was accepted. */
export function handleCompletions(server: ServerContext): void {
  onRequest(server.connection, 'hindsight/whyQuiet', async ({ uri }) =>
    (await server.services()).whyQuiet(uri),
  );
  server.connection.languages.inlineCompletion.on(async (params, token) => {
    const document = server.documents.get(params.textDocument.uri);
    if (!document) return null;
    // The position is of this text: what is typed while others are asked is of a later one.
    const { position } = params;
    const [text, offset] = [document.getText(), document.offsetAt(position)];
    const services = await server.services().catch(() => null);
    if (!services?.settings.completions.enabled || (await services.whyQuiet(document.uri)) !== null)
      return null;
    try {
      const offered = await services.engine.complete(
        {
          uri: document.uri,
          path: displayPath(document.uri, server.workspaceFolders),
          languageId: document.languageId,
          text,
          offset,
          line: position.line,
          character: position.character,
        },
        () => token.isCancellationRequested,
        params.context.triggerKind === InlineCompletionTriggerKind.Invoked,
      );
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
      return null;
    }
  });
}
