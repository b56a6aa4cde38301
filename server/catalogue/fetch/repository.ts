/** What a repository of a model hub holds, told before anything large is fetched. */
import { createHash } from 'node:crypto';
import { ModelError } from '../../model/errors';
import { type Hub, open, persistently } from './requests';

export interface RemoteFile {
  /** Within the repository, with `/`. */
  path: string;
  size: number;
  /** What the hub knows its bytes by: SHA-256 of large files, git's hash of small ones. */
  hash: { kind: 'sha256' | 'git'; hex: string };
}

export interface Repository {
  id: string;
  revision: string;
  commit: string;
  /** As its page says; null where it does not. */
  licence: string | null;
  /** `model_type`, or a GGUF file's architecture, where the hub knows it. */
  architecture: string | null;
  files: RemoteFile[];
}

export const isRepositoryId = (id: string): boolean =>
  /^[\w][\w.-]*\/[\w][\w.-]*$/.test(id) && !id.includes('..');

/** @throws ModelError where there is no such repository, it may not be read, or what it says cannot be used */
export async function readRepository(
  hub: Hub,
  id: string,
  revision: string,
  signal?: AbortSignal,
): Promise<Repository> {
  if (!isRepositoryId(id)) throw new ModelError(`"${id}" is no name of a model: it has the form OWNER/NAME.`);
  const at = `${hub.endpoint}/api/models/${id}`;
  const rev = encodeURIComponent(revision);
  const files = await readTree(hub, `${at}/tree/${rev}?recursive=true`, id, signal);
  const about = await readAbout(hub, `${at}/revision/${rev}`, id, signal);
  const { sha, cardData, tags, gguf, config } = about;
  const tagged = Array.isArray(tags) ? tags.find((t) => String(t).startsWith('license:')) : undefined;
  const licence =
    (cardData as Json | undefined)?.license ?? (tagged && String(tagged).slice('license:'.length));
  const architecture = (gguf as Json | undefined)?.architecture ?? (config as Json | undefined)?.model_type;
  return {
    id,
    revision,
    commit: typeof sha === 'string' && /^[0-9a-f]{40}$/.test(sha) ? sha : nameless(files),
    licence: typeof licence === 'string' ? licence : null,
    architecture: typeof architecture === 'string' ? architecture : null,
    files,
  };
}

type Json = Record<string, unknown>;

/** A stand-in for a commit's hash where a mirror does not tell it: the same for the same files. */
function nameless(files: readonly RemoteFile[]): string {
  const list = files.map(({ path, hash }) => `${path} ${hash.hex}`).sort();
  return createHash('sha1').update(list.join('\n')).digest('hex');
}

async function readTree(hub: Hub, first: string, id: string, signal?: AbortSignal): Promise<RemoteFile[]> {
  const files: RemoteFile[] = [];
  for (let url: string | undefined = first; url; ) {
    const page: { entries: unknown; next?: string } = await readPage(hub, url, id, signal);
    if (!Array.isArray(page.entries))
      throw new ModelError(`${url} gives no list of files: check HF_ENDPOINT.`);
    for (const entry of page.entries) {
      const file = fileOf(entry as Json | null);
      if (file) files.push(file);
    }
    url = page.next;
    if (files.length > 100_000) throw new ModelError(`${id} has too many files to be a model.`);
  }
  return files;
}

function readPage(hub: Hub, url: string, id: string, signal?: AbortSignal) {
  return persistently(
    hub,
    async () => {
      const response = await open(hub, url, id, { signal });
      const next = /<([^<>]+)>;\s{0,20}rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      return { entries: await jsonOf(response, url), next: next && new URL(next, url).href };
    },
    signal,
  );
}

async function jsonOf(response: { json(): Promise<unknown> }, url: string): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new ModelError(`${url} gives no JSON: check HF_ENDPOINT and the proxy.`);
  }
}

function fileOf(entry: Json | null): RemoteFile | undefined {
  if (entry?.type !== 'file') return undefined;
  const { path, size, oid, lfs } = entry;
  const large = lfs as Json | undefined;
  const hex = String(large?.oid ?? oid).replace(/^sha256:/, '');
  const kind = large ? 'sha256' : 'git';
  const bytes = large?.size ?? size;
  // A path becomes a place on this disk: nothing in it may lead out of the repository.
  const safe =
    typeof path === 'string' &&
    path.split('/').every((part) => /^[\w .()+@=-][\w .()+@=,-]*$/.test(part) && !/^\.+$/.test(part));
  const hashed = (kind === 'sha256' ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hex);
  if (!safe || !hashed || !Number.isSafeInteger(bytes) || (bytes as number) < 0) return undefined;
  return { path, size: bytes as number, hash: { kind, hex } };
}

/** What the hub says about the whole; a mirror need not know any of it. */
async function readAbout(hub: Hub, url: string, id: string, signal?: AbortSignal): Promise<Json> {
  try {
    const response = await open(hub, url, id, { signal });
    const json = await jsonOf(response, url);
    return typeof json === 'object' && json !== null ? (json as Json) : {};
  } catch {
    signal?.throwIfAborted();
    return {};
  }
}
