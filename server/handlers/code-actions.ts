import { type CodeAction, CodeActionKind, CodeActionTriggerKind } from 'vscode-languageserver/node';
import type { ServerContext } from '../context';
import { COMMENT_COMMAND } from '../protocol/messages';

/** No light bulb on every line that was ever accepted: where code actions are asked for, and where something is wrong. */
export const CODE_ACTION_KINDS = [CodeActionKind.QuickFix];

/** `textDocument/codeAction`: on an accepted text, to say something about it. */
export function handleCodeActions(server: ServerContext): void {
  server.connection.onCodeAction(async ({ textDocument, range, context }): Promise<CodeAction[]> => {
    const asked = context.triggerKind === CodeActionTriggerKind.Invoked;
    if (!asked && context.diagnostics.length === 0) return [];
    const services = await server.services().catch(() => null);
    const id = services?.capture.completionAt(textDocument.uri, range);
    if (!id) return [];
    const title = 'Hindsight: Comment on this completion…';
    return [
      {
        title,
        kind: CodeActionKind.QuickFix,
        command: { title, command: COMMENT_COMMAND, arguments: [id] },
      },
    ];
  });
}
