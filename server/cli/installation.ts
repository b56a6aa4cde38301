/** Where the parts lie: beside the bundle in dist/, or in the sources where a TypeScript loader runs. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function root(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder))
      throw new Error('The installation is incomplete: no package.json was found above the program.');
  }
}

/** Folder of the embedded model. */
export const embeddedModel = (): string => join(root(), 'media', 'model');

/** Rows of ordinary code that the embedded model's folder ships; null where they are missing. */
export function replayRows(): string | null {
  const file = join(embeddedModel(), 'replay.json');
  return existsSync(file) ? file : null;
}

/** Entry of the trainer process. */
export function trainerEntry(): string {
  const bundle = join(__dirname, 'trainer.js');
  return existsSync(bundle) ? bundle : join(root(), 'server', 'training', 'trainer', 'main.ts');
}

/** Of this installation. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(root(), 'package.json'), 'utf8')) as { version: string }).version;
