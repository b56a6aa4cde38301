/** What stores of models go by: where this user's folders are. Tests put a machine of their own here. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  platform: NodeJS.Platform;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

export const thisMachine = (): Machine => ({ platform: process.platform, home: homedir(), env: process.env });

/** A folder that a variable names, `~` meaning this user's; undefined where it is not set or empty. */
export function folderOf({ env, home }: Machine, variable: string): string | undefined {
  const value = env[variable]?.trim();
  if (!value) return undefined;
  return value === '~' || /^~[/\\]/.test(value) ? join(home, value.slice(1)) : value;
}

/** Where programs keep what they can get again. */
export function cacheHome(machine: Machine): string {
  return folderOf(machine, 'XDG_CACHE_HOME') ?? join(machine.home, '.cache');
}
