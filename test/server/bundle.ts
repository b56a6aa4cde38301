import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../root';

/** In the checkout, not in node_modules: several checkouts may share one of those. */
const folder = join(ROOT, '.artifacts/bundles');

/**
 * Bundles a thread's or process' entry as the product does, into a folder from which its native modules are found.
 * (Threads and child processes do not inherit the tests' TypeScript loader.)
 *
 * @param entry path of the source, relative to the repository
 * @returns path of the bundle
 */
export async function bundle(
  entry: string,
  name = entry.replace(/[/\\]/g, '-').replace(/\.ts$/, ''),
): Promise<string> {
  const outfile = join(folder, `${name}.js`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'onnxruntime-node', 'sqlite3'],
    define: { 'import.meta.url': '__moduleUrl' },
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return outfile;
}

/** The language server with its worker, trainer and command line beside it, under the names it looks for. */
export async function bundleServer(): Promise<string> {
  await bundle('server/completion/worker.ts', 'completion-worker');
  await bundle('server/test-output/worker.ts', 'test-output-worker');
  await bundle('server/training/trainer/main.ts', 'trainer');
  await bundle('server/cli.ts', 'cli');
  return bundle('server/main.ts', 'server');
}
