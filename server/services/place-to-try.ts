/** Where a developer can see at once what was learned: a place like the corrected ones where nothing was corrected. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filePath } from '../base/file-path';
import { isTestFile } from '../capture/sources/test-code';
import type { RulePlace } from '../protocol/rules';
import type { PlaceToTry } from '../protocol/types';

/** Larger files are not looked into, and no more of a folder. */
const MOST_BYTES = 200_000;
const MOST_FILES = 60;
/** A line that says less stands everywhere. */
const LEAST_LINE = 4;

export interface TryNeeds {
  /** Why nothing is offered in a file; null where something may be. */
  whyQuiet(uri: string): Promise<string | null>;
  display(uri: string): string;
}

/**
 * A line like the one above a correction, in a file beside the corrected one in which none was made.
 * @param places of the corrections that say the same, the newest first
 * @returns null where there is no such line
 */
export async function placeToTry(places: readonly RulePlace[], needs: TryNeeds): Promise<PlaceToTry | null> {
  const corrected = new Set(places.map(({ uri }) => uri));
  const above = await lineAbove(places);
  if (above === null) return null;
  const folder = dirname(above.path);
  const names = await readdir(folder).catch(() => []);
  const kind = extname(above.path);
  for (const name of names.filter((one) => extname(one) === kind).slice(0, MOST_FILES)) {
    const uri = pathToFileURL(join(folder, name)).toString();
    if (corrected.has(uri) || isTestFile(join(folder, name)) !== isTestFile(above.path)) continue;
    if ((await needs.whyQuiet(uri)) !== null) continue;
    const line = (await linesOf(join(folder, name))).findIndex((one) => one.trim() === above.line);
    if (line >= 0) return { uri, path: needs.display(uri), line };
  }
  return null;
}

/** The line that most corrections stand below. */
async function lineAbove(places: readonly RulePlace[]): Promise<{ path: string; line: string } | null> {
  const counts = new Map<string, { path: string; count: number }>();
  for (const { uri, line } of places.slice(0, 20)) {
    const path = filePath(uri);
    if (path === null) continue;
    const text = (await linesOf(path))
      .slice(0, line)
      .findLast((one) => one.trim() !== '')
      ?.trim();
    if (text === undefined || text.length < LEAST_LINE) continue;
    const known = counts.get(text);
    counts.set(text, { path, count: (known?.count ?? 0) + 1 });
  }
  const [most] = [...counts].sort(([, a], [, b]) => b.count - a.count);
  return most ? { line: most[0], path: most[1].path } : null;
}

async function linesOf(path: string): Promise<string[]> {
  try {
    if ((await stat(path)).size > MOST_BYTES) return [];
    return (await readFile(path, 'utf8')).split('\n');
  } catch {
    return [];
  }
}
