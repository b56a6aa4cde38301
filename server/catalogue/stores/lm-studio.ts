/** LM Studio: GGUF files by publisher and model, in a folder that the user may have moved. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Machine } from '../machine';
import { entriesOf, ggufFiles, isFolder, type Store } from './store';

export const lmStudio: Store = {
  id: 'lm-studio',
  find(machine, report) {
    const models = join(homeOf(machine), 'models');
    return entriesOf(models, report).flatMap((publisher) =>
      entriesOf(join(models, publisher), report)
        .filter((model) => isFolder(join(models, publisher, model)))
        .flatMap((model) => ggufFiles(join(models, publisher, model), report))
        .map((path) => ({ name: `${publisher}/${basename(path).replace(/\.gguf$/i, '')}`, path })),
    );
  },
};

function homeOf({ home }: Machine): string {
  const pointed = pointer(join(home, '.lmstudio-home-pointer'));
  if (pointed) return pointed;
  const older = join(home, '.cache', 'lm-studio');
  return isFolder(older) ? older : join(home, '.lmstudio');
}

function pointer(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
