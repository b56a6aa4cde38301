/** Relative paths with forward slashes. */

/** Folder of a path, without a slash at its end; '' for the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What stands behind the last dot of a file's name, in small letters. */
export function endingOf(path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** A path from a folder, with `.` and `..` resolved; null where it leaves the root. */
export function joined(folder: string, path: string): string | null {
  const out: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') out.push(part);
    else if (out.pop() === undefined) return null;
  }
  return out.join('/');
}

/** A file's folder and those above it, the nearest first, the root last. */
export function foldersAbove(path: string): string[] {
  const folders = [];
  for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) folders.push(folder);
  return [...folders, ''];
}

/** The kinds of files that one language is written in, by one of their endings. */
const FAMILIES = [
  ['ts', 'tsx', 'mts', 'cts', 'js', 'jsx', 'mjs', 'cjs', 'vue', 'svelte'],
  ['py', 'pyi'],
  ['c', 'h', 'cc', 'cpp', 'cxx', 'hpp', 'hh', 'hxx', 'm', 'mm'],
  ['java', 'kt', 'kts', 'scala', 'groovy'],
];

/** Endings of files whose names and code mean something in a file with this ending. */
export const relatedEndings = (ending: string): readonly string[] =>
  FAMILIES.find((family) => family.includes(ending)) ?? [ending];
