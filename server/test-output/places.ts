/** Whether a printed file is a file of the workspace. Pure: the file system's questions and the path rules come from outside. */
import type { PlatformPath } from 'node:path';

export interface Ground {
  /** The folder the command ran in. */
  cwd: string;
  /** The folder that the runner itself named, where it did. */
  root?: string;
  exists(path: string): boolean;
  /** Absolute paths of the workspace's files; asked for only where nothing else decides. */
  files(): readonly string[];
  /** `node:path`, or `node:path/win32` for the paths of Windows. */
  path: PlatformPath;
}

/** Where a file lies that is printed with its package only, as on the Java platform. */
const SOURCE_ROOTS = [
  '',
  'src/test/java',
  'src/test/kotlin',
  'src/main/java',
  'src/main/kotlin',
  'src/test/scala',
  'src/main/scala',
  'test',
];

/**
 * The absolute path of a printed file: below the runner's root, below the folder of the run, or, for other machines'
 * and containers' paths and for tails, the one file of the workspace that ends so. Null where none or several do.
 */
export function placeOf(printed: string, ground: Ground): string | null {
  const { path, cwd, root, exists } = ground;
  const file = plain(printed, path);
  if (isAbsolute(file, path)) {
    if (exists(file)) return path.normalize(file);
    return tailOf(file, ground) ?? path.normalize(file);
  }
  for (const base of [root, cwd].filter((one) => one !== undefined)) {
    const found = SOURCE_ROOTS.map((folder) => path.join(base, folder, file)).find(exists);
    if (found) return found;
  }
  // A root that is not here is a container's, or another machine's.
  if (root !== undefined) return tailOf(path.join(plain(root, path), file), ground) ?? path.join(root, file);
  return single(file.replace(/^(?:\.\.[\\/])+/, ''), ground);
}

/** The longest tail of two pieces or more that exactly one file has: `/app/src/cart.ts` in a container is `src/cart.ts` here. */
function tailOf(file: string, ground: Ground): string | null {
  const { path, cwd, exists } = ground;
  const pieces = file.split(/[\\/]/).filter((piece) => piece !== '' && !/^[A-Za-z]:$/.test(piece));
  for (let from = 1; from < pieces.length; from++) {
    const tail = path.join(...pieces.slice(from));
    const below = path.join(cwd, tail);
    if (exists(below)) return below;
    if (pieces.length - from < 2) break;
    const found = single(tail, ground);
    if (found) return found;
  }
  return null;
}

function single(tail: string, { files, path }: Ground): string | null {
  const wanted = comparable(`/${tail}`, path);
  const found = files().filter((file) => comparable(file, path).endsWith(wanted));
  return found.length === 1 ? found[0]! : null;
}

/** Whether two paths name one file: drive letters and, on Windows, names are compared without their case. */
export function samePath(a: string, b: string, path: PlatformPath): boolean {
  return (
    comparable(path.normalize(plain(a, path)), path) === comparable(path.normalize(plain(b, path)), path)
  );
}

/** Windows' own separator where the path is Windows', and everywhere without `./`. */
function plain(printed: string, path: PlatformPath): string {
  const file = printed.replace(/^(?:\.[\\/])+/, '');
  return path.sep === '/' && (/^[A-Za-z]:[\\/]|^\\\\/.test(file) || !file.includes('/'))
    ? file.replace(/\\/g, '/')
    : file;
}

function isAbsolute(file: string, path: PlatformPath): boolean {
  return path.isAbsolute(file) || /^[A-Za-z]:[\\/]/.test(file);
}

/** With one kind of separator; without case where the path is Windows' or macOS does not tell cases apart. */
function comparable(file: string, path: PlatformPath): string {
  const one = file.replace(/\\/g, '/');
  const windows = path.sep === '\\' || /^[A-Za-z]:\//.test(one);
  return windows || process.platform === 'darwin' ? one.toLowerCase() : one;
}
