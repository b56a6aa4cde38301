/** What fetching a model means: which files, from where, how many bytes, under which licence. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { architectures } from '../../model/architectures';
import { ModelError } from '../../model/errors';
import { type CatalogueEntry, catalogue } from '../catalogue';
import type { Machine } from '../machine';
import { hubFolder } from '../stores/hugging-face';
import { fetchedBytes } from './download';
import { isRepositoryId, type RemoteFile, type Repository, readRepository } from './repository';
import type { Hub } from './requests';

export interface DownloadPlan {
  /** For people. */
  name: string;
  repository: Repository;
  /** The page that a person would look at. */
  page: string;
  /** Null where nobody says. */
  licence: string | null;
  files: PlannedFile[];
  /** Bytes of all files, and those that are here already. */
  size: number;
  present: number;
  /** Where it goes: the repository's folder in the Hugging Face cache. */
  folder: string;
  /** What `openModel` takes once everything is there. */
  model: string;
}

export interface PlannedFile extends RemoteFile {
  url: string;
  /** Where the bytes lie, by their hash. */
  blob: string;
}

/**
 * @param wanted a catalogue's name, OWNER/NAME, OWNER/NAME:PRECISION or OWNER/NAME/FILE.gguf
 * @throws ModelError where there is no such model, or it would not run here
 */
export async function planDownload(
  wanted: string,
  revision: string,
  hub: Hub,
  machine: Machine,
  signal?: AbortSignal,
): Promise<DownloadPlan> {
  const entry = catalogue.find(({ id }) => id === wanted.toLowerCase());
  const { id, file, precision } = entry ? { id: entry.repository, file: entry.file } : parsed(wanted);
  const repository = await readRepository(hub, id, revision, signal);
  checkArchitecture(repository);
  const chosen = filesOf(repository, { file, precision });
  if (entry) checkEntry(entry, chosen);
  const folder = join(hubFolder(machine), `models--${id.replace('/', '--')}`);
  const files = chosen.map((f) => ({
    ...f,
    url: `${hub.endpoint}/${id}/resolve/${encodeURIComponent(revision)}/${f.path.split('/').map(encodeURIComponent).join('/')}`,
    blob: join(folder, 'blobs', f.hash.hex),
  }));
  const snapshot = join(folder, 'snapshots', repository.commit);
  const single = files.length === 1 && /\.gguf$/i.test(files[0]!.path);
  return {
    name: entry?.id ?? wanted,
    repository,
    page: `${hub.endpoint}/${id}`,
    licence: repository.licence ?? entry?.licence ?? null,
    files,
    size: files.reduce((sum, f) => sum + f.size, 0),
    present: files.reduce(
      (sum, f) =>
        sum + (placedAt(join(snapshot, ...f.path.split('/')), f) ? f.size : fetchedBytes(f.blob, f.size)),
      0,
    ),
    folder,
    model: single ? join(snapshot, ...files[0]!.path.split('/')) : snapshot,
  };
}

/** Whether a file is in its snapshot already, with all of its bytes. */
export const placed = ({ folder, repository }: DownloadPlan, file: PlannedFile): boolean =>
  placedAt(join(folder, 'snapshots', repository.commit, ...file.path.split('/')), file);

export const placedAt = (path: string, { size }: RemoteFile): boolean =>
  statSync(path, { throwIfNoEntry: false })?.size === size;

function parsed(wanted: string): { id: string; file?: string; precision?: string } {
  const [, id, file] = /^([^/:]+\/[^/:]+)\/(.+\.gguf)$/i.exec(wanted) ?? [];
  if (id && file) return { id, file };
  const [bare, precision] = wanted.split(':') as [string, string | undefined];
  if (!isRepositoryId(bare))
    throw new ModelError(
      `"${wanted}" is no model that can be fetched: use ${catalogue.map((e) => e.id).join(', ')}, or OWNER/NAME of the Hugging Face Hub.`,
    );
  return { id: bare, ...(precision ? { precision } : {}) };
}

function checkArchitecture({ id, architecture }: Repository): void {
  if (architecture === null) return;
  const names = architectures.flatMap(({ name, gguf }) => [name, gguf?.name]);
  if (!names.includes(architecture))
    throw new ModelError(
      `${id} is of the architecture ${architecture}, which Hindsight cannot run: choose a model of one of ${architectures.map((a) => a.name).join(', ')}.`,
    );
}

/** What this version knows of a file is held against what the hub says today. */
function checkEntry({ id, sha256 }: CatalogueEntry, [file]: readonly RemoteFile[]): void {
  if (sha256 !== undefined && file?.hash.hex !== sha256)
    throw new ModelError(
      `The hub has another file for ${id} than this version of Hindsight knows (sha256 ${file?.hash.hex.slice(0, 12)}… and not ${sha256.slice(0, 12)}…): update Hindsight.`,
    );
}

/** A whole folder in Hugging Face layout where there is one, else one GGUF file. */
function filesOf(
  { id, files }: Repository,
  { file, precision }: { file?: string; precision?: string },
): RemoteFile[] {
  const ggufs = files.filter(({ path }) => /\.gguf$/i.test(path) && !/mmproj/i.test(path));
  if (file !== undefined) {
    const found = files.find(({ path }) => path.toLowerCase() === file.toLowerCase());
    if (!found) throw new ModelError(`${id} has no file ${file}: it has ${choices(ggufs)}.`);
    return [found];
  }
  if (precision !== undefined) {
    const found = ggufs.filter(({ path }) => precisionOf(path) === precision.toLowerCase());
    if (found.length !== 1)
      throw new ModelError(
        `${id} has ${found.length} files of the precision ${precision}: it has ${choices(ggufs)}.`,
      );
    return found;
  }
  const whole = folderFiles(files);
  if (whole) return whole;
  if (ggufs.length === 1) return ggufs;
  if (ggufs.length > 1)
    throw new ModelError(`${id} has several files: choose one, as ${id}/FILE, of ${choices(ggufs)}.`);
  throw new ModelError(
    `${id} has neither a GGUF file nor config.json, tokenizer.json and *.safetensors: choose another model.`,
  );
}

/** `q4_k_m` of `model-Q4_K_M.gguf`. */
const precisionOf = (path: string) =>
  /[-._]((?:i?q\d|f16|f32|bf16|mxfp4|tq\d)[a-z0-9_]{0,40})\.gguf$/i.exec(path)?.[1]?.toLowerCase();

const choices = (files: readonly RemoteFile[]) =>
  files.length === 0
    ? 'no GGUF file'
    : files
        .map(({ path }) => path)
        .slice(0, 30)
        .join(', ');

function folderFiles(files: readonly RemoteFile[]): RemoteFile[] | undefined {
  const top = files.filter(({ path }) => !path.includes('/'));
  const named = (name: string) => top.find(({ path }) => path === name);
  const needed = [named('config.json'), named('tokenizer.json')];
  // Some repositories have the weights whole and in shards.
  const single = named('model.safetensors');
  const weights = single
    ? [single]
    : top.filter(({ path }) => /^model(-\d+-of-\d+)?\.safetensors(\.index\.json)?$/.test(path));
  if (needed.some((f) => f === undefined) || !weights.some(({ path }) => path.endsWith('.safetensors')))
    return undefined;
  const optional = ['generation_config.json', 'tokenizer_config.json', 'hindsight.json'].map(named);
  return [...needed, ...optional, ...weights].filter((f) => f !== undefined);
}
