/**
 * Bundles every entry into dist/. `--watch` keeps going; `--production` minifies; `--only extension,panel` leaves the
 * other bundles as they are.
 */

import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, context } from 'esbuild';
import { GRAMMAR_NAMES } from '../server/syntax/grammars';

export const root = join(__dirname, '..');

/** Entry → bundle. The names on the right are what the extension, the server and the scripts load at run time. */
const NODE_ENTRIES: Record<string, string> = {
  'extension/main.ts': 'extension',
  'server/main.ts': 'server',
  'server/completion/worker.ts': 'completion-worker',
  'server/test-output/worker.ts': 'test-output-worker',
  'server/training/trainer/main.ts': 'trainer',
  'server/cli.ts': 'cli',
  'server/bench/check-model.ts': 'check-model',
  'server/bench/main.ts': 'bench',
};

const BROWSER_ENTRIES: Record<string, string> = {
  'extension/panel/page/main.ts': 'panel',
};

/** Packages with native code (or given by the editor): loaded from node_modules at run time. */
const EXTERNAL = ['vscode', 'onnxruntime-node', 'sqlite3'];

const onlyAt = process.argv.indexOf('--only');
const only = onlyAt > 0 ? process.argv[onlyAt + 1]?.split(',') : undefined;

function common(production: boolean): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    outdir: 'dist',
    minify: production,
    sourcemap: production ? false : 'linked',
    logLevel: 'warning',
    legalComments: 'none',
  };
}

/** Options of the two builds; entries that are not there are told of and left out. */
export function builds(production: boolean): BuildOptions[] {
  return [
    {
      ...common(production),
      entryPoints: present(NODE_ENTRIES),
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      external: EXTERNAL,
      // Names stay as they are written, for stack traces; `keepNames` would name each closure when it is made, a tenth of what a keystroke costs.
      minify: false,
      minifyWhitespace: production,
      minifySyntax: production,
      // Packages written as modules ask where they are; a CommonJS bundle has to be told.
      define: { 'import.meta.url': '__moduleUrl' },
      banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    },
    {
      ...common(production),
      entryPoints: present(BROWSER_ENTRIES),
      platform: 'browser',
      target: 'chrome128',
      format: 'iife',
    },
  ];
}

function present(entries: Record<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [entry, name] of Object.entries(entries)) {
    if (only && !only.includes(name)) continue;
    if (existsSync(join(root, entry))) found[name] = entry;
    else console.log(`build: ${entry} is not there, so dist/${name}.js is left out`);
  }
  return found;
}

/** tree-sitter and its grammars, which the trainer reads when it first needs one. */
function copyGrammars(): void {
  const to = join(root, 'dist', 'grammars');
  mkdirSync(to, { recursive: true });
  for (const name of ['tree-sitter', ...GRAMMAR_NAMES.map((each) => `tree-sitter-${each}`)]) {
    copyFileSync(
      join(root, 'node_modules/@vscode/tree-sitter-wasm/wasm', `${name}.wasm`),
      join(to, `${name}.wasm`),
    );
  }
}

/** Builds, and builds again whatever a change touches; returns after the first build, and goes on. */
export async function watchBuilds(options = builds(false)): Promise<void> {
  copyGrammars();
  const contexts = await Promise.all(options.map((each) => context(each)));
  await Promise.all(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.watch()));
  console.log('build: watching');
}

async function main(): Promise<void> {
  const options = builds(process.argv.includes('--production')).filter(
    (each) => Object.keys(each.entryPoints as object).length > 0,
  );
  if (process.argv.includes('--watch')) return watchBuilds(options);
  const started = Date.now();
  if (!only) rmSync(join(root, 'dist'), { recursive: true, force: true });
  if (!only || only.includes('trainer')) copyGrammars();
  await Promise.all(options.map((each) => build(each)));
  console.log(`build: dist/ in ${Date.now() - started} ms`);
}

if (require.main === module) main();
