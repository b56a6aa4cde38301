/** Files that are given with their texts: a case's, or a benchmark's. */
import { isSensitive } from '../workspace/sensitive-files';
import { withoutSecretLines } from './secret-lines';
import type { ProjectFile, ProjectFiles } from './types';

export class GivenFiles implements ProjectFiles {
  private readonly texts = new Map<string, string>();
  private readonly clean = new Map<string, Promise<string>>();
  private readonly folders = new Map<string, Set<string>>();

  /** @param files the latest opened last; sensitive ones (`.env`, keys) are as good as absent */
  constructor(files: readonly ProjectFile[]) {
    for (const { path, text } of files) {
      const plain = path
        .split('\\')
        .join('/')
        .replace(/^\.?\//, '');
      if (!isSensitive(plain)) this.add(plain, text.replaceAll('\r\n', '\n'));
    }
  }

  private add(path: string, text: string): void {
    this.texts.set(path, text);
    const parts = path.split('/');
    parts.forEach((part, i) => {
      const folder = parts.slice(0, i).join('/');
      const names = this.folders.get(folder) ?? new Set();
      names.add(i < parts.length - 1 ? `${part}/` : part);
      this.folders.set(folder, names);
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    return [...(this.folders.get(folder) ?? [])];
  }

  async read(path: string): Promise<string | null> {
    const text = this.texts.get(path);
    if (text === undefined) return null;
    const clean = this.clean.get(path) ?? withoutSecretLines(text);
    this.clean.set(path, clean);
    return clean;
  }

  recent(): readonly string[] {
    return [...this.texts.keys()].reverse();
  }
}
