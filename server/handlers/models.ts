import { join } from 'node:path';
import { progressSentence } from '../catalogue/fetch/fetch-model';
import { baseOf } from '../completion/served/address';
import { servedModels } from '../completion/served/connect';
import type { ServerContext } from '../context';
import { catalogueChoices, fetchByName, planOf } from '../services/fetch-model';
import { modelsOnThisMachine } from '../services/models';
import { abortOf, onNotification, onRequest, withProgress } from '../wire';

/** What *Choose Model* shows, and what it fetches. */
export function handleModels(server: ServerContext): void {
  const { connection } = server;

  onRequest(connection, 'hindsight/models', async () => {
    const { embeddedModelPath } = await server.services();
    return modelsOnThisMachine(join(__dirname, 'cli.js'), embeddedModelPath);
  });

  onRequest(connection, 'hindsight/servedModels', async ({ url, key }) => ({
    host: baseOf(url).host,
    models: await servedModels({ url, key }),
  }));

  onNotification(connection, 'hindsight/serverKey', async ({ key }) =>
    (await server.services()).setServerKey(key),
  );

  onRequest(connection, 'hindsight/catalogue', () => catalogueChoices());

  onRequest(connection, 'hindsight/fetchPlan', ({ name }, token) => planOf(name, abortOf(token)));

  onRequest(connection, 'hindsight/fetchModel', ({ name, workDoneToken }, token) =>
    withProgress(connection, workDoneToken, `Fetching ${name}`, async (report) => ({
      path: await fetchByName(name, abortOf(token), (at) => report(at.done / at.size, progressSentence(at))),
    })),
  );
}
