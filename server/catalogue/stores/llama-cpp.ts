/** llama.cpp's own cache: GGUF files side by side. Newer builds keep them in the Hugging Face cache. */
import { basename, join } from 'node:path';
import { cacheHome, folderOf, type Machine } from '../machine';
import { ggufFiles, type Store } from './store';

export const llamaCpp: Store = {
  id: 'llama.cpp',
  find: (machine, report) =>
    ggufFiles(cacheOf(machine), report).map((path) => ({
      name: basename(path).replace(/\.gguf$/i, ''),
      path,
    })),
};

function cacheOf(machine: Machine): string {
  const named = folderOf(machine, 'LLAMA_CACHE');
  if (named) return named;
  if (machine.platform === 'darwin') return join(machine.home, 'Library', 'Caches', 'llama.cpp');
  if (machine.platform === 'win32')
    return join(folderOf(machine, 'LOCALAPPDATA') ?? join(machine.home, 'AppData', 'Local'), 'llama.cpp');
  return join(cacheHome(machine), 'llama.cpp');
}
