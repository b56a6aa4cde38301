/** From an import to the project's file, without a language server: by where modules of a language lie. */
import type { Import } from './imports';
import { endingOf, folderOf, foldersAbove, joined, nameOf, relatedEndings } from './paths';
import type { ProjectFiles } from './types';

const SCRIPT = ['ts', 'tsx', 'd.ts', 'js', 'jsx', 'mjs', 'mts', 'cjs', 'cts', 'vue', 'svelte'];

/** A file that an import may mean, or several that it means together; with a slash at its end the files of a folder. */
type Candidate = string | null | (string | null)[];

/** What an import may mean in the project, the likeliest first. */
function candidates({ module, names }: Import, from: string): Candidate[] {
  const folder = folderOf(from);
  switch (relatedEndings(endingOf(from))[0]) {
    case 'ts':
      return script(module, from);
    case 'py':
      return python(module, names, from);
    case 'go':
      return tails(module.split('/')).map((tail) => `${tail}/`);
    case 'rs':
      return rust(module, names, from);
    case 'java': {
      const file = module.replaceAll('.', '/');
      // What is imported statically is a member of the class.
      const files = [file, folderOf(file)].flatMap((one) =>
        ['java', 'kt', 'scala'].map((e) => `${one}.${e}`),
      );
      return foldersAbove(from).flatMap((above) => files.map((one) => joined(above, one)));
    }
    case 'c':
      return foldersAbove(from).flatMap((above) => [
        joined(above, module),
        joined(above, `include/${module}`),
        joined(above, `src/${module}`),
      ]);
    case 'rb':
      if (module.startsWith('./')) return [joined(folder, `${module}.rb`), joined(folder, module)];
      return foldersAbove(from).flatMap((above) => [
        joined(above, `${module}.rb`),
        joined(above, `lib/${module}.rb`),
      ]);
    default:
      return [];
  }
}

function script(module: string, from: string): (string | null)[] {
  const of = (path: string | null): string[] => {
    if (path === null) return [];
    // `./a.js` is written for a.ts.
    const bare = path.replace(/\.(?:m|c)?jsx?$/, '');
    const files = [path, ...SCRIPT.map((ending) => `${path}.${ending}`)];
    const written = bare === path ? [] : SCRIPT.map((ending) => `${bare}.${ending}`);
    return [...files, ...written, ...SCRIPT.map((ending) => `${path}/index.${ending}`)];
  };
  if (module.startsWith('.')) return of(joined(folderOf(from), module));
  // Aliases (`@/x`, `~/x`, `#x`, `@app/x`) stand for some folder above; packages are found in none.
  const alias = /^(?:@\/|~\/?|#\/?)(.+)$/.exec(module)?.[1];
  const tail = alias ?? (module.includes('/') ? module : undefined);
  if (tail === undefined) return [];
  const behind = module.startsWith('@') && alias === undefined ? module.slice(module.indexOf('/') + 1) : tail;
  return foldersAbove(from).flatMap((above) =>
    [...new Set([tail, behind])].flatMap((one) => [
      ...of(joined(above, one)),
      ...of(joined(above, `src/${one}`)),
    ]),
  );
}

function python(module: string, names: readonly string[], from: string): Candidate[] {
  const dots = /^\.*/.exec(module)![0].length;
  const rest = module.slice(dots).split('.').filter(Boolean);
  const of = (above: string): Candidate => {
    const base = rest.join('/');
    const module = base === '' ? [] : [`${base}.py`, `${base}.pyi`];
    const inside = [...names.map((name) => `${base}/${name}.py`), `${base}/__init__.py`];
    return [...module, ...inside].map((one) => joined(above, one));
  };
  if (dots === 0) return foldersAbove(from).flatMap((above) => [of(above), of(`${above}/src`)]);
  return [of(foldersAbove(from)[dots - 1] ?? '')];
}

function rust(module: string, names: readonly string[], from: string): Candidate[] {
  const [head, ...rest] = module.split('::').map((part) => part.trim());
  const at = nameOf(from);
  const own = ['mod.rs', 'lib.rs', 'main.rs'].includes(at) ? folderOf(from) : from.replace(/\.rs$/, '');
  const of = (above: string, parts: string[]) => {
    const base = parts.join('/');
    const files = [...names.map((name) => `${base}/${name}.rs`), `${base}.rs`, `${base}/mod.rs`];
    return [files.map((one) => joined(above, one))];
  };
  if (head === 'self') return of(own, rest);
  if (head === 'super') {
    const up = rest.filter((part) => part === 'super').length;
    const above = foldersAbove(`${own}/x`)[up + 1] ?? '';
    return of(above, rest.slice(up));
  }
  // Another crate of the workspace lies in a folder of its name.
  if (head !== 'crate') {
    const crate = head!.replaceAll('_', '-');
    return foldersAbove(from).flatMap((above) => [
      ...[head!, crate].flatMap((name) => of(`${above}/${name}/src`, rest)),
      ...of(above, [head!, ...rest]),
    ]);
  }
  const source = foldersAbove(from).find((one) => nameOf(one) === 'src') ?? folderOf(from);
  return of(source, rest);
}

/** The ends of a path of folders, the longest first. */
const tails = (parts: string[]): string[] => parts.map((_, i) => parts.slice(i).join('/'));

/** Most files that one import brings. */
const MOST_TOGETHER = 12;

/**
 * Paths of the project's files that an import means: none where it means a package from elsewhere.
 * @param from path of the file that imports
 */
export async function resolveImport(one: Import, from: string, files: ProjectFiles): Promise<string[]> {
  for (const candidate of candidates(one, from)) {
    const found = await existing(Array.isArray(candidate) ? candidate : [candidate], from, files);
    if (found.length > 0) return found.slice(0, MOST_TOGETHER);
  }
  return [];
}

async function existing(paths: (string | null)[], from: string, files: ProjectFiles): Promise<string[]> {
  const found: string[] = [];
  for (const path of new Set(paths)) {
    if (path === null || path === '') continue;
    if (path.endsWith('/')) {
      const names = (await files.list(path.slice(0, -1))).filter((name) => endingOf(name) === endingOf(from));
      found.push(...names.map((name) => path + name).filter((one) => !isTest(one)));
    } else if ((await files.list(folderOf(path))).includes(nameOf(path))) found.push(path);
  }
  return found.filter((path) => path !== from);
}

/** Test files of a package are no part of what it gives away. */
export const isTest = (path: string): boolean => /(?:_test|\.test|\.spec)\.\w+$/.test(path);
