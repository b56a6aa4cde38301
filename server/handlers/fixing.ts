import { join, relative } from 'node:path';
import type { ServerContext } from '../context';
import { abortOf, onRequest, withProgress } from '../wire';

/** *Make This Test Pass*: which tests fail, the search for a fix, and what becomes of it. */
export function handleFixing(server: ServerContext): void {
  const { connection } = server;

  onRequest(connection, 'hindsight/failingTests', async () =>
    (await server.services()).capture.failingTests(),
  );

  onRequest(connection, 'hindsight/fixTest', ({ workDoneToken, ...request }, token) =>
    withProgress(connection, workDoneToken, 'Copying the project', async (report) => {
      const services = await server.services();
      const root = server.workspaceFolders.find((folder) => !relative(folder, request.path).startsWith('..'));
      if (root === undefined)
        throw new Error('The file is in no folder of this workspace: open its project, then try again.');
      return services.fixTest({
        ...request,
        root,
        program: join(__dirname, 'cli.js'),
        signal: abortOf(token),
        progress: report,
      });
    }),
  );

  onRequest(connection, 'hindsight/fixTaken', async (fix) => (await server.services()).fixTaken(fix));
}
