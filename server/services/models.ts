/** Which models lie on this machine. Found by a process of its own: their headers are read whole, and nothing here may wait for that. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ModelChoice } from '../protocol/types';

const run = promisify(execFile);
/** A disk that sleeps, or a store on the network; in ms. */
const LONGEST_MS = 60_000;
const MOST_OUTPUT = 16 * 1024 * 1024;

/**
 * Those that run come first, the largest of them at the top: the more a model knows, the better it completes.
 *
 * @param cli the command line's bundle
 * @param embedded folder of the model that comes along
 * @throws Error where the search fails
 */
export async function modelsOnThisMachine(cli: string, embedded: string): Promise<ModelChoice[]> {
  const { stdout } = await run(process.execPath, [cli, 'models', '--json'], {
    // VS Code's own program is a Node where this is set.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    timeout: LONGEST_MS,
    maxBuffer: MOST_OUTPUT,
  });
  const found: ModelChoice[] = JSON.parse(stdout);
  const rank = ({ runs, store, fillInTheMiddle }: ModelChoice) =>
    (runs === true ? 0 : 4) + (store === 'hindsight' ? 2 : 0) + (fillInTheMiddle ? 0 : 1);
  return found
    .map((one) => ({ ...one, path: one.path === embedded ? '' : one.path }))
    .sort((a, b) => rank(a) - rank(b) || b.size - a.size);
}
