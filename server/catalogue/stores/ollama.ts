/** Ollama: manifests by host, namespace, model and tag, which name whole GGUF files by their hash. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderOf, type Machine } from '../machine';
import { entriesOf, type Found, isFile, isFolder, type Store, type Unreadable } from './store';

type Report = (unreadable: Unreadable) => void;

interface Layer {
  mediaType: string;
  digest: string;
}

const kind = (name: string) => `application/vnd.ollama.image.${name}`;

export const ollama: Store = {
  id: 'ollama',
  find: (machine, report) => storeFolders(machine).flatMap((folder) => modelsOf(folder, report)),
};

function storeFolders(machine: Machine): string[] {
  const named = folderOf(machine, 'OLLAMA_MODELS');
  if (named) return [named];
  const own = join(machine.home, '.ollama', 'models');
  // Where it runs as a service, it has a user of its own.
  return machine.platform === 'linux' ? [own, '/usr/share/ollama/.ollama/models'] : [own];
}

function modelsOf(folder: string, report: Report): Found[] {
  const manifests = join(folder, 'manifests');
  const below = (path: string) => entriesOf(path, report).filter((name) => isFolder(join(path, name)));
  return below(manifests).flatMap((host) =>
    below(join(manifests, host)).flatMap((namespace) =>
      below(join(manifests, host, namespace)).flatMap((model) => {
        const tags = join(manifests, host, namespace, model);
        return entriesOf(tags, report)
          .filter((tag) => isFile(join(tags, tag)))
          .flatMap((tag) => modelOf(folder, join(tags, tag), nameOf(host, namespace, model, tag)));
      }),
    ),
  );
}

/** As `ollama list` shows it: what goes without saying is left out. */
function nameOf(host: string, namespace: string, model: string, tag: string): string {
  const plain = host === 'registry.ollama.ai';
  const owner = plain && namespace === 'library' ? '' : `${namespace}/`;
  return `${plain ? '' : `${host}/`}${owner}${model}:${tag}`;
}

function modelOf(folder: string, manifest: string, name: string): Found[] {
  const layers = layersOf(manifest);
  if (!layers)
    return [{ name, path: manifest, reason: `${manifest} is no manifest: run \`ollama pull ${name}\`.` }];
  const models = layers.filter((layer) => layer.mediaType === kind('model'));
  // Adapters alone, or models that run elsewhere.
  if (models.length === 0) return [];
  const path = blobOf(folder, models[0]!.digest);
  const template = layers.find((layer) => layer.mediaType === kind('template'));
  return [
    {
      name,
      path,
      ...(models.length > 1
        ? { reason: `${name} is in ${models.length} files: choose a smaller model.` }
        : {}),
      ...(isFile(path) ? {} : { reason: `${path} is missing: run \`ollama pull ${name}\`.` }),
      ...(template && fillsIn(blobOf(folder, template.digest)) ? { fillInTheMiddle: true } : {}),
    },
  ];
}

const blobOf = (folder: string, digest: string) => join(folder, 'blobs', digest.replace(':', '-'));

function layersOf(manifest: string): Layer[] | undefined {
  try {
    const { layers } = JSON.parse(readFileSync(manifest, 'utf8')) as { layers?: unknown };
    if (!Array.isArray(layers)) return undefined;
    return layers.filter(
      (l): l is Layer =>
        // A digest becomes a file's name: nothing else may stand in it.
        typeof l?.mediaType === 'string' && /^sha256[:-][0-9a-f]{64}$/.test(String(l.digest)),
    );
  } catch {
    return undefined;
  }
}

/** Whether a template has a place for what follows the cursor. */
function fillsIn(template: string): boolean {
  try {
    return readFileSync(template, 'utf8').includes('.Suffix');
  } catch {
    return false;
  }
}
