/** The Hugging Face cache: `models--ORG--NAME`, with snapshots of which `refs` names the current one. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheHome, folderOf, type Machine } from '../machine';
import { entriesOf, type Found, ggufFiles, isFile, isFolder, type Store, type Unreadable } from './store';

type Report = (unreadable: Unreadable) => void;

export const huggingFace: Store = {
  id: 'hugging-face',
  find(machine, report) {
    const hub = hubFolder(machine);
    return entriesOf(hub, report)
      .filter((name) => /^models--/.test(name))
      .flatMap((name) =>
        modelsOf(join(hub, name), name.slice('models--'.length).replaceAll('--', '/'), report),
      );
  },
};

/** Where the cache is, whether or not it is there already. */
export function hubFolder(machine: Machine): string {
  const home = folderOf(machine, 'HF_HOME') ?? join(cacheHome(machine), 'huggingface');
  return folderOf(machine, 'HF_HUB_CACHE') ?? folderOf(machine, 'HUGGINGFACE_HUB_CACHE') ?? join(home, 'hub');
}

function modelsOf(repository: string, name: string, report: Report): Found[] {
  const snapshots = snapshotsOf(repository, report);
  // The current snapshot, unless only an earlier one has everything.
  const folder = snapshots.find((path) => missingOf(path) === undefined);
  const files = snapshots.map((path) => ggufFiles(path, report)).find((list) => list.length > 0) ?? [];
  const found: Found[] = files.map((path) => ({
    name: files.length > 1 ? `${name}/${basename(path).replace(/\.gguf$/i, '')}` : name,
    path,
  }));
  if (folder) return [{ name, path: folder }, ...found];
  const begun = snapshots.find((path) => existsSync(join(path, 'config.json')));
  if (begun === undefined || found.length > 0) return found;
  return [{ name, path: begun, reason: `${begun} lacks ${missingOf(begun)}: download its remaining files.` }];
}

/** Those that a ref names first, then the latest. */
function snapshotsOf(repository: string, report: Report): string[] {
  const folder = join(repository, 'snapshots');
  const refs = entriesOf(join(repository, 'refs'), report)
    .sort((a, b) => Number(b === 'main') - Number(a === 'main'))
    .flatMap((ref) => textOf(join(repository, 'refs', ref)));
  const named = (path: string) => {
    const place = refs.indexOf(basename(path));
    return place < 0 ? refs.length : place;
  };
  return entriesOf(folder, report)
    .map((commit) => join(folder, commit))
    .filter(isFolder)
    .sort((a, b) => named(a) - named(b) || statSync(b).mtimeMs - statSync(a).mtimeMs);
}

function textOf(path: string): string[] {
  try {
    // A pipe by that name would never end.
    return isFile(path) ? [readFileSync(path, 'utf8').trim()] : [];
  } catch {
    return [];
  }
}

/** The first file that a snapshot lacks of a model: a link may lead nowhere while a download is under way. */
function missingOf(snapshot: string): string | undefined {
  for (const name of ['config.json', 'tokenizer.json']) if (!isFile(join(snapshot, name))) return name;
  if (isFile(join(snapshot, 'model.safetensors'))) return undefined;
  const index = join(snapshot, 'model.safetensors.index.json');
  if (!isFile(index)) return 'model.safetensors';
  try {
    const { weight_map: map } = JSON.parse(readFileSync(index, 'utf8')) as { weight_map?: object };
    const shards = [...new Set(Object.values(map ?? {}))].filter((name) => typeof name === 'string');
    return shards.length === 0
      ? 'the names of its shards'
      : shards.find((name) => !isFile(join(snapshot, name)));
  } catch {
    return 'a readable model.safetensors.index.json';
  }
}
