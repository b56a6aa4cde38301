/** Definitions of names used near the cursor, from the files that this one imports. */
import { yieldToEventLoop } from '../base/event-loop';
import { declarationAt, declarationsOf, moduleOutline } from './declarations';
import { type Import, importsOf } from './imports';
import { membersNear } from './names';
import { endingOf, folderOf } from './paths';
import { isTest, resolveImport } from './resolve-imports';
import type { ContextPart, ContextPlace, DeclaredAt, ProjectFiles } from './types';

/** Most imported files that are looked into. */
const MOST_FILES = 24;
/** Files that are shown at most: no prompt has room for more. */
const MOST_PARTS = 8;
/** Work in one go before others get their turn, in ms. */
const SLICE_MS = 8;

/**
 * What the imported files say of the names near the cursor: what the names nearest to it mean comes last.
 * @param near names near the cursor, the nearest first (names.ts)
 * @param told where a language server says that names near the cursor are declared: imports that nothing here resolves
 */
export async function definitionsNear(
  place: ContextPlace,
  near: readonly string[],
  files: ProjectFiles,
  told: readonly DeclaredAt[] = [],
): Promise<ContextPart[]> {
  const members = membersNear(place.prefix, place.suffix);
  const rank = new Map(near.map((name, i) => [name, i]));
  // An import below the cursor is one too.
  const text = place.text ?? `${place.prefix}\n${place.suffix}`;
  const imports: (Import & { paths?: string[] })[] = [
    ...importsOf(place.path, text),
    ...(await samePackage(place.path, files)),
  ];
  const shown = new Set<string>();
  let since = performance.now();
  const parts: { part: ContextPart; rank: number }[] = [];
  for (const one of [...imports].sort((a, b) => rankOf(a, rank) - rankOf(b, rank)).slice(0, MOST_FILES)) {
    if (parts.length >= MOST_PARTS) break;
    for (const path of one.paths ?? (await resolveImport(one, place.path, files))) {
      if (shown.has(path) || shown.size >= MOST_FILES) continue;
      shown.add(path);
      const text = await files.read(path);
      if (text === null) continue;
      if (performance.now() - since > SLICE_MS) {
        await yieldToEventLoop();
        since = performance.now();
      }
      const best = declarationsOf(new Set([...near, ...one.names]), text, members);
      const used = best.filter(({ name }) => rank.has(name));
      if (used.length === 0) {
        // A module of which nothing is used nearby says little; what is taken from it may still be wanted next.
        const taken = best.slice(0, 1).map((declaration) => declaration.text);
        const body = taken[0] ?? (one.names.some((name) => rank.has(name)) ? moduleOutline(text) : '');
        if (body !== '' && !one.paths)
          parts.push({ part: { kind: 'definition', path, text: body }, rank: rankOf(one, rank) });
        continue;
      }
      const nearest = Math.min(...used.map(({ name }) => rank.get(name) ?? Number.POSITIVE_INFINITY));
      const body = used.map((declaration) => declaration.text).join('\n\n');
      parts.push({ part: { kind: 'definition', path, text: body }, rank: nearest });
    }
  }
  for (const { path, line } of told) {
    const text = path === place.path || shown.has(path) ? null : await files.read(path);
    const found = text === null ? null : declarationAt(line, text);
    if (!found) continue;
    const of = { rank: rank.get(found.name) ?? Number.POSITIVE_INFINITY };
    parts.push({ part: { kind: 'definition', path, text: found.text }, ...of });
  }
  const nearest = parts.sort((a, b) => b.rank - a.rank).slice(-MOST_PARTS);
  return nearest.map(({ part }) => part);
}

/** Languages whose files see what the other files of their folder declare, without an import. */
const BY_FOLDER = ['go', 'java', 'kt', 'swift', 'cs'];

async function samePackage(path: string, files: ProjectFiles): Promise<(Import & { paths: string[] })[]> {
  const ending = endingOf(path);
  if (!BY_FOLDER.includes(ending)) return [];
  const folder = folderOf(path);
  const names = (await files.list(folder)).filter((name) => endingOf(name) === ending && !isTest(name));
  const paths = names
    .map((name) => (folder === '' ? name : `${folder}/${name}`))
    .filter((one) => one !== path);
  return [{ module: folder, names: [], paths: paths.slice(0, MOST_FILES) }];
}

function rankOf({ names }: Import, rank: ReadonlyMap<string, number>): number {
  return Math.min(
    ...names.map((name) => rank.get(name) ?? Number.POSITIVE_INFINITY),
    Number.MAX_SAFE_INTEGER,
  );
}
