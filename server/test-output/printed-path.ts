/** Files as stack traces name them, made paths: without the schemes of bundlers, development servers and test hosts. */

/** What a bundler or a server puts before the project's own path. */
const PREFIXES: [RegExp, string][] = [
  [/^(?:webpack|webpack-internal|turbopack|rollup|vite|ng|rspack):\/\/\/?(?:\[project\]\/)?/, ''],
  [/^app:\/\/\/?(?=[^/])/, ''],
  [/^phpvfscomposer:\/\//, ''],
];
/** A server of the developer's own machine or containers. */
const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|host\.docker\.internal)(?::\d+)?\//;
/** Dart packages that are the runner's own. */
const DART_OWN =
  /^(?:test|test_api|test_core|matcher|flutter|flutter_test|stack_trace|async|checks|mockito)\//;

/**
 * The path of a printed file: `/a b/c.ts` for `file:///a%20b/c.ts`, `src/c.ts` for `webpack://shop/./src/c.ts` and
 * `http://localhost:9876/base/src/c.ts?hash`. Null where it is no file of a project.
 */
export function cleanFile(printed: string): string | null {
  let file = printed.trim();
  if (file.startsWith('file://')) {
    file = decoded(file.replace(/^file:\/\/(?:localhost(?=\/))?/, ''));
    if (/^[^/]/.test(file)) file = `//${file}`;
    return file.replace(/^\/(?=[A-Za-z]:[\\/])/, '') || null;
  }
  if (file.startsWith('package:')) {
    const path = file.slice(8);
    return DART_OWN.test(path) || !path.includes('/') ? null : `lib/${path.slice(path.indexOf('/') + 1)}`;
  }
  if (file.startsWith('org-dartlang-app:///')) return decoded(file.slice(20));
  if (LOCAL.test(file)) file = served(decoded(file.replace(LOCAL, '')));
  else if (/^https?:/.test(file)) return null;
  const webpack = file.lastIndexOf('webpack:/');
  if (webpack > 0 || /^webpack:\/[^/]/.test(file)) file = file.slice(webpack).replace(/^webpack:\/*/, '');
  for (const [prefix, instead] of PREFIXES) {
    if (!prefix.test(file)) continue;
    const named = /^webpack:\/\/(?!\/)/.test(file) || /^(?:rspack|webpack):\/\/[^/]/.test(file);
    file = decoded(file.replace(prefix, instead));
    // `webpack://shop/./src/cart.ts`: the bundle's name stands before the path.
    if (named)
      file = file.includes('/./') ? file.slice(file.indexOf('/./') + 3) : file.replace(/^[^/]*\//, '');
    file = file.split('?', 1)[0]!;
  }
  if (/^\(?(?:rsc|ssr|app-pages-browser|action-browser)\)?\//.test(file))
    file = file.slice(file.indexOf('/') + 1);
  file = file.replace(/^(?:\.\/)+/, '');
  return file === '' || /^(?:[\d.]*|<.*|native|https?)$/.test(file) ? null : file;
}

/** A path on a development server: Vite's and karma's own folders, and versions behind a question mark, are not the project's. */
function served(path: string): string {
  const plain = path.split('?', 1)[0]!;
  if (plain.startsWith('@fs/')) return plain.slice(plain.startsWith('@fs/C:') ? 4 : 3);
  if (plain.startsWith('absolute/')) return plain.slice(8);
  return plain.replace(/^(?:base|__cypress\/tests|_karma_webpack_)\//, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
