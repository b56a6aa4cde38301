/** Entry of the language server process. `hindsight serve --stdio` and the extension's IPC both end here. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { HindsightServer } from './server';

const connection = createConnection(ProposedFeatures.all);
const server = new HindsightServer(connection);
// Rejections that nobody handles arrive here too.
process.once('uncaughtException', (error) => void server.crash(error));
server.listen();
