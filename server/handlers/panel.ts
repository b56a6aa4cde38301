import type { ServerContext } from '../context';
import { onRequest } from '../wire';

/** What the feedback panel requests, and the developer's rights over the data. */
export function handlePanel(server: ServerContext): void {
  const { connection } = server;
  const store = async () => (await server.services()).store;

  onRequest(connection, 'hindsight/events', async ({ filter, offset, limit }) =>
    (await store()).panel.list(filter, offset, Math.min(limit, 500)),
  );
  onRequest(connection, 'hindsight/event', async ({ completionId }) =>
    (await store()).panel.story(completionId),
  );
  onRequest(connection, 'hindsight/rounds', async ({ limit }) =>
    (await store()).rounds.list(Math.min(limit, 200)),
  );
  onRequest(connection, 'hindsight/acceptance', async ({ bucketMs, limit }) =>
    (await store()).panel.acceptance(bucketMs, Math.min(limit, 1000)),
  );
  onRequest(connection, 'hindsight/delete', async (scope) => (await server.services()).deleteData(scope));
  onRequest(connection, 'hindsight/projects', async () => (await store()).completions.projects());
  onRequest(connection, 'hindsight/export', async ({ path }) => (await server.services()).exportData(path));
}
