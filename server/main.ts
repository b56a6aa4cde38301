/** Entry of the language server process. `hindsight serve --stdio` and the extension's IPC both end here. */
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { HindsightServer } from './server';

const connection = createConnection(ProposedFeatures.all);
new HindsightServer(connection).listen();
