/** What a .vsix of Hindsight holds: all of this, and nothing else. */

import { GRAMMAR_NAMES } from '../server/syntax/grammars';

/** Paths that must be there. `{platform}` and `{arch}` are the target's. */
const REQUIRED = [
  'package.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'dist/extension.js',
  'dist/server.js',
  'dist/completion-worker.js',
  'dist/test-output-worker.js',
  'dist/trainer.js',
  'dist/cli.js',
  'dist/check-model.js',
  'dist/panel.js',
  'dist/panel.css',
  'dist/third-party-notices.txt',
  'dist/grammars/tree-sitter.wasm',
  ...GRAMMAR_NAMES.map((name) => `dist/grammars/tree-sitter-${name}.wasm`),
  'media/icon.png',
  'media/icon.svg',
  'media/pictures/before.png',
  'media/pictures/after.png',
  'media/pictures/panel.png',
  'media/walkthrough/type.md',
  'media/walkthrough/model.md',
  'media/walkthrough/correct.md',
  'media/walkthrough/train.md',
  'media/walkthrough/look.md',
  'media/model/config.json',
  'media/model/model.safetensors',
  'media/model/tokenizer.json',
  'node_modules/onnxruntime-node/package.json',
  'node_modules/onnxruntime-node/dist/index.js',
  'node_modules/onnxruntime-node/bin/napi-v6/{platform}/{arch}/onnxruntime_binding.node',
  'node_modules/onnxruntime-common/package.json',
  'node_modules/onnxruntime-common/dist/cjs/index.js',
  'node_modules/sqlite3/package.json',
  'node_modules/sqlite3/lib/sqlite3.js',
  'node_modules/sqlite3/build/Release/node_sqlite3.node',
  'node_modules/bindings/bindings.js',
  'node_modules/file-uri-to-path/index.js',
];

/** Patterns of what may be there besides. */
const ALLOWED = [
  /^media\/model\/[\w.-]+\.(json|txt|md|safetensors)$/,
  /^node_modules\/onnxruntime-node\/dist\/[\w-]+\.js$/,
  /^node_modules\/onnxruntime-common\/dist\/cjs\/[\w-]+\.js$/,
  /^node_modules\/onnxruntime-common\/dist\/cjs\/package\.json$/,
  /^node_modules\/sqlite3\/lib\/[\w-]+\.js$/,
  /^node_modules\/(bindings|file-uri-to-path)\/package\.json$/,
  /^node_modules\/[\w-]+\/LICENSE(\.md)?$/,
];

/** Bundles of a checkout that the extension does without. */
export const NOT_SHIPPED = ['bench.js'];

/** CUDA's and TensorRT's providers are hundreds of megabytes; who has such a card installs them by hand. */
export const UNWANTED_LIBRARY = /providers_(cuda|tensorrt)|\.pdb$/i;

/**
 * Compares the paths in a .vsix (without the leading `extension/`) with the lists above.
 * @returns one sentence for each thing that is wrong; none where all is well
 */
export function checkContents(paths: readonly string[], platform: string, arch: string): string[] {
  const fill = (path: string) => path.replace('{platform}', platform).replace('{arch}', arch);
  const required = REQUIRED.map(fill);
  const native = `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/`;
  const present = new Set(paths);
  const wrong = required.filter((path) => !present.has(path)).map((path) => `${path} is missing.`);
  for (const path of paths) {
    if (required.includes(path) || ALLOWED.some((pattern) => pattern.test(path))) continue;
    if (path.startsWith(native) && !UNWANTED_LIBRARY.test(path)) continue;
    wrong.push(`${path} does not belong there.`);
  }
  return wrong;
}
