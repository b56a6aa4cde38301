import type { ServerContext } from '../context';
import { displayPath } from '../documents';
import { placeToTry } from '../services/place-to-try';
import { onRequest } from '../wire';

/** Rules: what corrections have in common, what the developer decides about it, and what they raised. */
export function handleRules(server: ServerContext): void {
  const { connection } = server;
  const rules = async () => (await server.services()).rules;

  onRequest(connection, 'hindsight/rules', async () => (await rules()).list());
  onRequest(connection, 'hindsight/placeToTry', async ({ key }) => {
    const services = await server.services();
    const rule = (await services.rules.list()).find((one) => one.key === key);
    if (!rule) return null;
    const display = (uri: string) => displayPath(uri, server.workspaceFolders);
    return placeToTry(rule.places, { whyQuiet: (uri) => services.whyQuiet(uri), display });
  });
  onRequest(connection, 'hindsight/why', async ({ completionId }) =>
    (await server.services()).why(completionId),
  );
  onRequest(connection, 'hindsight/changeRule', async ({ key, change }) =>
    (await rules()).change(key, change),
  );
}
