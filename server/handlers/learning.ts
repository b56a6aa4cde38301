import type { ServerContext } from '../context';
import { onRequest } from '../wire';

/** Train Now, Roll Back, Pause and Resume. */
export function handleLearning(server: ServerContext): void {
  const { connection } = server;

  onRequest(connection, 'hindsight/status', () => server.status.current);

  onRequest(connection, 'hindsight/trainNow', async ({ workDoneToken }, token) => {
    const services = await server.services();
    const progress =
      workDoneToken === undefined ? null : connection.window.attachWorkDoneProgress(workDoneToken);
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    progress?.begin('Hindsight', 0, 'Collecting events', true);
    try {
      return await services.trainNow(abort.signal, ({ fraction, message }) => {
        progress?.report(Math.round(100 * fraction), message);
      });
    } finally {
      progress?.done();
    }
  });

  onRequest(connection, 'hindsight/rollBack', async () => (await server.services()).rollBack());

  onRequest(connection, 'hindsight/pauseLearning', async ({ paused }) => {
    const services = await server.services();
    await services.setLearningPaused(paused);
    return server.status.current;
  });
}
