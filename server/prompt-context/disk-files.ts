/** A workspace folder's files as context: from the disk, and as they stand in the editor where they are open. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { folderOf, nameOf } from './paths';
import { withoutSecretLines } from './secret-lines';
import type { ProjectFile, ProjectFiles } from './types';

export interface DiskOptions {
  /** Absolute path of the workspace folder; '' for none, and nothing is read. */
  root: string;
  /** Whether a file may be read at all: git ignores it, a setting or its kind excludes it. Takes an absolute path. */
  mayRead(path: string): Promise<boolean>;
  /** Documents as they stand in the editor, the one used last at the end. */
  open?(): readonly ProjectFile[];
  /** Files that are or were open, the one used last at the end; those that are open where it is missing. */
  used?(): readonly string[];
}

/** Folders and verdicts are believed for so long, in ms. */
const FRESH_MS = 3_000;
/** Larger files are data, or generated. */
const LARGEST = 200_000;
/** Names of a folder that are looked at. */
const MOST_NAMES = 500;
const MOST_KEPT = 400;

interface Known {
  /** What the text was made from: the size and time of a file, or an editor's text. */
  of: string;
  text: Promise<string>;
}

export class DiskFiles implements ProjectFiles {
  private readonly folders = new Map<string, { at: number; names: Promise<readonly string[]> }>();
  private readonly texts = new Map<string, Known>();

  constructor(private readonly options: DiskOptions) {}

  list(folder: string): Promise<readonly string[]> {
    const now = Date.now();
    const known = this.folders.get(folder);
    if (known && now - known.at < FRESH_MS) return known.names;
    const names = this.namesIn(folder);
    keep(this.folders, folder, { at: now, names });
    return names;
  }

  async read(path: string): Promise<string | null> {
    if (this.options.root === '') return null;
    const absolute = join(this.options.root, path);
    // Above the folder lies nothing of the project.
    if (relative(this.options.root, absolute).startsWith(`..${sep}`)) return null;
    if (!(await this.options.mayRead(absolute))) return null;
    const open = this.options.open?.().find((document) => document.path === path);
    if (open) return open.text.length > LARGEST ? null : this.clean(path, open.text, async () => open.text);
    const found = await stat(absolute).catch(() => null);
    if (!found?.isFile() || found.size > LARGEST) return null;
    const of = `${found.size} ${found.mtimeMs}`;
    return this.clean(path, of, () => readFile(absolute, 'utf8')).catch(() => null);
  }

  recent(): readonly string[] {
    const { open, used } = this.options;
    return [...(used?.() ?? open?.().map(({ path }) => path) ?? [])].reverse();
  }

  private async clean(path: string, of: string, read: () => Promise<string>): Promise<string> {
    const known = this.texts.get(path);
    if (known?.of === of) return known.text;
    const text = read().then((whole) => withoutSecretLines(whole.replaceAll('\r\n', '\n')));
    keep(this.texts, path, { of, text });
    return text;
  }

  private async namesIn(folder: string): Promise<readonly string[]> {
    const { root, open } = this.options;
    if (root === '') return [];
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    const names = entries
      .slice(0, MOST_NAMES)
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    const unsaved = (open?.() ?? [])
      .filter(({ path }) => folderOf(path) === folder)
      .map(({ path }) => nameOf(path));
    return [...new Set([...names, ...unsaved])];
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_KEPT) map.delete(map.keys().next().value as string);
}
