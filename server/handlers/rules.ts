import type { ServerContext } from '../context';
import { onRequest } from '../wire';

/** Rules: what corrections have in common, and what the developer decides about it. */
export function handleRules(server: ServerContext): void {
  const { connection } = server;
  const rules = async () => (await server.services()).rules;

  onRequest(connection, 'hindsight/rules', async () => (await rules()).list());
  onRequest(connection, 'hindsight/changeRule', async ({ key, change }) =>
    (await rules()).change(key, change),
  );
}
