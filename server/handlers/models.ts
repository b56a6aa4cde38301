import { join } from 'node:path';
import type { ServerContext } from '../context';
import { modelsOnThisMachine } from '../services/models';
import { onRequest } from '../wire';

/** What *Choose Model* shows. */
export function handleModels(server: ServerContext): void {
  onRequest(server.connection, 'hindsight/models', async () => {
    const { embeddedModelPath } = await server.services();
    return modelsOnThisMachine(join(__dirname, 'cli.js'), embeddedModelPath);
  });
}
