import type { ServerContext } from '../context';
import { onNotification, onRequest } from '../wire';

/** What became of the completions, as the editor reports it. All of it goes to capture. */
export function handleSignals(server: ServerContext): void {
  const { connection } = server;
  const capture = async () => (await server.services()).capture;

  onNotification(connection, 'hindsight/shown', async (params) => (await capture()).shown(params));
  onNotification(connection, 'hindsight/accepted', async (params) => (await capture()).accepted(params));
  onNotification(connection, 'hindsight/rejected', async (params) => (await capture()).rejected(params));
  onNotification(connection, 'hindsight/editReason', async (params) => {
    const services = await server.services();
    services.placeContext.editReason(params);
    services.capture.editReason(params);
  });
  onNotification(connection, 'hindsight/run', async (params) => (await capture()).run(params));
  onNotification(connection, 'hindsight/diagnostics', async (params) => {
    const services = await server.services();
    services.placeContext.diagnostics(params);
    services.capture.diagnostics(params);
  });
  onNotification(connection, 'hindsight/feedback', async (params) => (await capture()).feedback(params));

  onRequest(connection, 'hindsight/expected', async ({ uri, line, character, text, offered }) => {
    const document = server.documents.get(uri);
    if (!document) throw new Error('The document is not open any more; open it, then say what you expected.');
    const services = await server.services();
    const position = { line, character };
    const place = { uri, languageId: document.languageId, ...position };
    const code = { text: document.getText(), offset: document.offsetAt(position) };
    return services.expected({ ...place, ...code }, text, offered);
  });

  onRequest(connection, 'hindsight/durable', async () => (await capture()).flush());

  onNotification(connection, 'hindsight/settings', async (settings) => {
    await (await server.services()).setSettings(settings);
  });
  onNotification(connection, 'hindsight/trusted', async ({ trusted }) => {
    (await server.services()).setTrusted(trusted);
  });
}
