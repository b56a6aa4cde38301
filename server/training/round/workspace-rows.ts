/** Code of the open folders for the replay pool: what the model must not forget is also the developer's own. */
import { lstat, opendir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { random } from '../../base/random';
import { holdsSecret } from '../../workspace/redaction';
import type { ReplayRow } from '../types';

/** Rows of a round. */
const MOST_ROWS = 40;
/** Entries looked at: a huge workspace costs no more than a large one. */
const MOST_ENTRIES = 4000;
/** Files written by hand are seldom longer; shorter ones have nothing to keep. */
const MOST_BYTES = 100_000;
const LEAST_BYTES = 200;
/** A row is a piece of a file. */
const ROW_CHARACTERS = 4000;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|h|cc|cpp|hpp|swift|scala|lua|sh|sql|vue|svelte|css|scss)$/;
const PASSED_OVER = /^(?:\.|node_modules$|dist$|build$|out$|target$|vendor$|coverage$|__pycache__$|venv$)/;

/**
 * Pieces of the workspace's files, chosen anew by the seed. Nothing that is excluded, ignored by git, a link, or that holds
 * what looks like a secret.
 * @param folders absolute paths
 * @param isExcluded whether a document may not be read, by its uri; true for all where the workspace is not trusted
 */
export async function workspaceRows(
  folders: readonly string[],
  isExcluded: (uri: string) => boolean | Promise<boolean>,
  seed = 1,
): Promise<ReplayRow[]> {
  const excluded = async (file: string) => isExcluded(pathToFileURL(file).href);
  const files: { file: string; shown: string }[] = [];
  for (const folder of folders) {
    for (const file of await codeFiles(folder, excluded))
      files.push({ file, shown: path.relative(folder, file).split(path.sep).join('/') });
  }
  const source = random(seed);
  const rows: ReplayRow[] = [];
  for (const { file, shown } of source.shuffle(files)) {
    if (rows.length === MOST_ROWS) break;
    const found = await piece(file, source.next()).catch(() => null);
    if (found && !(await holdsSecret(found.before, found.text, found.after)))
      rows.push({ text: found.text, path: shown });
  }
  return rows;
}

/** Files of code below a folder, nearest first, as far as the limit reaches. */
async function codeFiles(root: string, excluded: (file: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  const folders = [root];
  let looked = 0;
  for (const folder of folders) {
    try {
      for await (const entry of await opendir(folder)) {
        if (++looked > MOST_ENTRIES) return found;
        const full = path.join(folder, entry.name);
        // A folder counts as excluded where any file in it is: then it is not walked.
        if (entry.isDirectory() && !PASSED_OVER.test(entry.name) && !(await excluded(path.join(full, 'a'))))
          folders.push(full);
        else if (entry.isFile() && CODE.test(entry.name) && !(await excluded(full))) found.push(full);
      }
    } catch {
      // A folder that cannot be read holds nothing for us.
    }
  }
  return found;
}

/** A piece of a file, and the rest of the file on either side. */
async function piece(
  file: string,
  place: number,
): Promise<{ before: string; text: string; after: string } | null> {
  const { size } = await lstat(file);
  if (size < LEAST_BYTES || size > MOST_BYTES) return null;
  const text = await readFile(file, 'utf8');
  if (text.includes('\0')) return null;
  const from = text.lastIndexOf('\n', Math.floor(place * Math.max(0, text.length - ROW_CHARACTERS))) + 1;
  const to = from + ROW_CHARACTERS;
  return { before: text.slice(0, from), text: text.slice(from, to), after: text.slice(to) };
}
