import { join } from 'node:path';
import type { ServerContext } from '../context';
import { abortOf, onRequest, withProgress } from '../wire';

/** Train Now, Roll Back, Pause and Resume. */
export function handleLearning(server: ServerContext): void {
  const { connection } = server;

  onRequest(connection, 'hindsight/status', () => server.status.current);

  onRequest(connection, 'hindsight/trainNow', ({ workDoneToken }, token) =>
    withProgress(connection, workDoneToken, 'Collecting events', async (report) => {
      const services = await server.services();
      return services.trainNow(abortOf(token), ({ fraction, message }) => report(fraction, message));
    }),
  );

  onRequest(connection, 'hindsight/rollBack', async () => (await server.services()).rollBack());

  onRequest(connection, 'hindsight/learnAgain', async ({ completionId }) =>
    (await server.services()).learnAgain(completionId),
  );

  onRequest(connection, 'hindsight/importAdapter', async ({ folder, beside }, token) =>
    (await server.services()).importAdapter({
      folder,
      beside,
      program: join(__dirname, 'cli.js'),
      signal: abortOf(token),
    }),
  );

  onRequest(connection, 'hindsight/pauseLearning', async ({ paused }) => {
    const services = await server.services();
    await services.setLearningPaused(paused);
    return server.status.current;
  });
}
