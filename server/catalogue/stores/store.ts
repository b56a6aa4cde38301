/** A program that keeps models on this machine. Its files are read and never written. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../machine';

export interface Found {
  /** As the program itself calls it. */
  name: string;
  /** A folder in Hugging Face layout or a GGUF file. */
  path: string;
  /** Why it cannot run, where the store already says so. */
  reason?: string;
  /** Whether the store says that it fills in the middle. */
  fillInTheMiddle?: boolean;
}

export interface Unreadable {
  path: string;
  reason: string;
}

export interface Store {
  id: 'ollama' | 'lm-studio' | 'hugging-face' | 'llama.cpp';
  /** @param report takes folders that this user may not read */
  find(machine: Machine, report: (unreadable: Unreadable) => void): Found[];
}

/** Names in a folder, sorted; none where there is no such folder. */
export function entriesOf(folder: string, report: (unreadable: Unreadable) => void): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const denied = code === 'EACCES' || code === 'EPERM';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      const why = denied ? 'may not be read by this user' : `cannot be read (${code})`;
      report({ path: folder, reason: `${folder} ${why}: its models are not listed.` });
    }
    return [];
  }
}

/** Links are followed, and one that leads nowhere is nothing. */
export const isFolder = (path: string): boolean => kindOf(path) === 'folder';
export const isFile = (path: string): boolean => kindOf(path) === 'file';

function kindOf(path: string): 'folder' | 'file' | undefined {
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The GGUF files of a folder that are models: without the parts of one that come after its first, and without what
 * only turns pictures into tokens.
 */
export function ggufFiles(folder: string, report: (unreadable: Unreadable) => void): string[] {
  return entriesOf(folder, report)
    .filter((name) => /\.gguf$/i.test(name) && !/mmproj/i.test(name))
    .filter((name) => !/-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(name))
    .map((name) => join(folder, name))
    .filter(isFile);
}
