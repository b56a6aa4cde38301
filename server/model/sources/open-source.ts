/** Which kind of model lies at a path. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { folderSource } from './folder';
import { ggufSource } from './gguf';
import type { ModelSource } from './source';

/** @throws ModelError with one sentence that names the file, what is wrong and what to do */
export function openSource(path: string): ModelSource {
  const file = ggufFile(path);
  return file ? ggufSource(file) : folderSource(path);
}

/** The path where it is a file, or the only GGUF file of a folder that holds no model of its own. */
export function ggufFile(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() || (!stat && /\.gguf$/i.test(path))) return path;
  if (!stat?.isDirectory() || existsSync(join(path, 'config.json'))) return undefined;
  const files = readdirSync(path).filter((name) => /\.gguf$/i.test(name));
  return files.length === 1 ? join(path, files[0]!) : undefined;
}
